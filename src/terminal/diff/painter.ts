/**
 * Generates output for the client's emulator, tracking its cursor and rendition so that each cursor movement and each
 * rendition change takes the shortest form. Uses only sequences that stock 1.4.0 supports (protocol §5.4).
 */
import { DEFAULT_RENDITION, type Rendition } from "../screen/rendition.js";
import { renditionSequence } from "./rendition-sequence.js";

const CSI = "\x1b[";
/** The cursor's column cannot be relied on: a wrap is pending, or the client may have used a different width. */
const UNKNOWN = -1;
/** In UTF-16 code units. */
const PIECE_LENGTH = 4_096;

export class Painter {
	readonly #columns: number;
	/** Text so far, in pieces that are contiguous in memory, and the text since. */
	#done = "";
	#text = "";
	#row: number;
	#column: number;
	#rendition: Rendition;
	/** What has been appended since `note` was called. */
	#noted: string | undefined;

	constructor(columns: number, row: number, column: number, rendition: Rendition) {
		this.#columns = columns;
		this.#row = row;
		this.#column = column;
		this.#rendition = rendition;
	}

	get text(): string {
		return this.#done + this.#text;
	}

	/** Of the text, in UTF-16 code units. */
	get length(): number {
		return this.#done.length + this.#text.length;
	}

	get row(): number {
		return this.#row;
	}

	/** Negative if it cannot be relied on. */
	get column(): number {
		return this.#column;
	}

	get rendition(): Rendition {
		return this.#rendition;
	}

	/** Starts to note what is appended. */
	note(): void {
		this.#noted = "";
	}

	/** Ends it; undefined if nothing was to be noted. */
	noted(): string | undefined {
		const noted = this.#noted;
		this.#noted = undefined;
		return noted;
	}

	/** Appends what was noted in the same state as it is in now, but for its row, and takes on the state after it. */
	repeat(text: string, row: number, column: number, rendition: Rendition): void {
		this.#append(text);
		this.#row = row;
		this.#column = column;
		this.#rendition = rendition;
	}

	/** Appends a sequence that changes neither cursor nor rendition. */
	raw(sequence: string): void {
		this.#append(sequence);
	}

	/** Appends a sequence that moves the cursor home. */
	rawHome(sequence: string): void {
		this.#append(sequence);
		this.#row = 0;
		this.#column = 0;
	}

	isAt(row: number, column: number): boolean {
		return this.#row === row && this.#column === column;
	}

	/**
	 * Moves the cursor. `reprint(from, to)` returns the text that reprints columns `from` to `to` of the row in the
	 * current rendition, if possible: often shorter than a cursor movement.
	 */
	moveTo(row: number, column: number, reprint?: (from: number, to: number) => string | undefined): void {
		if (this.isAt(row, column)) {
			return;
		}
		let best = `${CSI}${row === 0 ? "" : row + 1}${column === 0 ? "" : `;${column + 1}`}H`;
		const vertical = verticalMove(row - this.#row);
		const consider = (move: string): void => {
			if (move.length < best.length) {
				best = move;
			}
		};
		consider(`\r${vertical}${column === 0 ? "" : forward(column)}`);
		if (this.#column !== UNKNOWN) {
			const distance = column - this.#column;
			consider(vertical + (distance < 0 ? back(-distance) : distance > 0 ? forward(distance) : ""));
			if (distance > 0 && distance < best.length && row === this.#row) {
				const again = reprint?.(this.#column, column);
				if (again !== undefined) {
					consider(again);
				}
			}
		}
		this.#append(best);
		this.#row = row;
		this.#column = column;
	}

	setRendition(rendition: Rendition): void {
		this.#append(renditionSequence(this.#rendition, rendition));
		this.#rendition = rendition;
	}

	/** Before erasing or scrolling: both fill with the current background and ignore the rest of the rendition. */
	setBackground(background: number): void {
		if (this.#rendition.background === background) {
			return;
		}
		const keep = { foreground: this.#rendition.foreground, background };
		const plain = { foreground: 0, background };
		const toKeep = renditionSequence(this.#rendition, keep);
		const toPlain = renditionSequence(this.#rendition, plain);
		this.setRendition(toPlain.length <= toKeep.length ? plain : keep);
	}

	/** Prints text of `width` columns. When `ambiguous`, the client may advance by a different number of columns. */
	print(text: string, width: number, ambiguous = false): void {
		this.#append(text);
		const column = this.#column + width;
		this.#column = ambiguous || column >= this.#columns ? UNKNOWN : column;
	}

	/** Prints the first cell of the next row right after the last cell of a row, so that the client wraps by itself. */
	printWrapped(text: string, width: number): void {
		this.#row++;
		this.#column = 0;
		this.print(text, width);
	}

	/** Erases to the end of the row (`K`) or of the screen (`J`); the cursor stays. */
	eraseToEnd(of: "K" | "J", background: number): void {
		this.setBackground(background);
		this.#append(`${CSI}${of}`);
	}

	/** Erases `count` cells from the cursor on; the cursor stays. */
	eraseCells(count: number, background: number): void {
		this.setBackground(background);
		this.#append(`${CSI}${count}X`);
	}

	/** A string put together from small parts takes 32 bytes of memory for each of them until it is copied. */
	#append(text: string): void {
		this.#text += text;
		if (this.#noted !== undefined) {
			this.#noted += text;
		}
		if (this.#text.length < PIECE_LENGTH) {
			return;
		}
		this.#done += Buffer.from(this.#text).toString();
		this.#text = "";
	}

	/** Clears the whole screen to the default background. */
	clear(): void {
		this.setBackground(DEFAULT_RENDITION.background);
		this.rawHome(`${CSI}H${CSI}2J`);
	}
}

/** CSI with a count, omitted when 1. */
function counted(count: number, final: string): string {
	return `${CSI}${count === 1 ? "" : count}${final}`;
}

function shorter(a: string, b: string): string {
	return b.length < a.length ? b : a;
}

function forward(count: number): string {
	return counted(count, "C");
}

function back(count: number): string {
	return count > 6 ? counted(count, "D") : shorter("\b".repeat(count), counted(count, "D"));
}

/** Line feeds keep the column, and never scroll here because the target row exists. */
function verticalMove(rows: number): string {
	if (rows < 0) {
		return counted(-rows, "A");
	}
	return rows > 6 ? counted(rows, "B") : shorter("\n".repeat(rows), rows === 0 ? "" : counted(rows, "B"));
}
