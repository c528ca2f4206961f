/**
 * The client's rows while a diff is applied to them (protocol §5.4, §5.5): cells as the client keeps them. A row that the
 * diff does not touch stays the `Row` it was.
 */
import { FOREGROUND_COLOUR_MASK, type Rendition, sameRendition } from "../screen/rendition.js";
import { CELL_WORDS, MAX_CELL_BYTES, Row, SPACER, WIDE } from "../screen/row.js";

/** `text` is empty where nothing is shown but the background. */
export interface ClientCell {
	readonly text: string;
	readonly wide: boolean;
	readonly rendition: Rendition;
}

/** What is under the right half of a wide character: a diff must not bring it to light. */
const HIDDEN: ClientCell = { text: "\0", wide: false, rendition: { foreground: 0, background: 0 } };
const NO_BREAK_SPACE = "\u00a0";

interface ClientLine {
	readonly cells: ClientCell[];
	/** The client wrapped after the last cell. */
	wraps: boolean;
}

export class ClientLines {
	#columns: number;
	#lines: (Row | ClientLine)[];

	constructor(columns: number, lines: readonly Row[]) {
		this.#columns = columns;
		this.#lines = [...lines];
	}

	/** Cuts or adds columns at the right and rows at the bottom; text does not move. */
	resize(columns: number, rows: number, background: number): void {
		if (columns !== this.#columns) {
			for (let row = 0; row < this.#lines.length; row++) {
				const line = this.#writable(row);
				line.wraps = false;
				line.cells.length = Math.min(line.cells.length, columns);
				line.cells.push(...blanks(columns - line.cells.length, background));
			}
		}
		this.#columns = columns;
		this.#lines.length = Math.min(this.#lines.length, rows);
		while (this.#lines.length < rows) {
			this.#lines.push(this.#blankLine(background));
		}
	}

	/** Moves the rows `top` to `bottom` up by `up`, or down if negative. */
	scroll(top: number, bottom: number, up: number, background: number): void {
		const height = bottom - top + 1;
		const count = Math.min(Math.abs(up), height);
		const vacated = Array.from({ length: count }, () => this.#blankLine(background));
		const region = this.#lines.slice(top, bottom + 1);
		const moved =
			up > 0 ? [...region.slice(count), ...vacated] : [...vacated, ...region.slice(0, height - count)];
		this.#lines.splice(top, height, ...moved);
	}

	/** Blanks columns `from` up to but not including `to`. */
	erase(row: number, from: number, to: number, background: number): void {
		const line = this.#writable(row);
		line.cells.fill(blank(background), from, to);
		if (to >= this.#columns) {
			line.wraps = false;
		}
	}

	insert(row: number, column: number, count: number, background: number): void {
		const line = this.#writable(row);
		line.cells.splice(column, 0, ...blanks(count, background));
		line.cells.length = this.#columns;
		line.wraps = false;
	}

	/** Nothing mends a wide character whose right half is overwritten: it stays, and hides what was printed. */
	print(row: number, column: number, text: string, wide: boolean, rendition: Rendition): void {
		const line = this.#writable(row);
		line.cells[column] = { text, wide, rendition };
		if (wide && column + 1 < this.#columns) {
			line.cells[column + 1] = HIDDEN;
		}
		if (column + (wide ? 2 : 1) >= this.#columns) {
			line.wraps = false;
		}
	}

	/** Adds a mark to a cell. Returns true if that printed a character, which moves the cursor. */
	combine(row: number, column: number, mark: string): boolean {
		const { cells } = this.#writable(row);
		const cell = cells[column];
		if (cell === undefined || Buffer.byteLength(cell.text) >= MAX_CELL_BYTES) {
			return false;
		}
		const empty = cell.text === "";
		cells[column] = { ...cell, text: (empty ? NO_BREAK_SPACE : cell.text) + mark };
		return empty;
	}

	markWrapped(row: number): void {
		this.#writable(row).wraps = true;
	}

	/** The first difference from `wanted`, in words; undefined if there is none. */
	differenceFrom(wanted: readonly Row[]): string | undefined {
		for (const [row, line] of wanted.entries()) {
			const shown = this.#lines[row];
			if (shown instanceof Row && shown.equals(line)) {
				continue;
			}
			const { cells, wraps } = this.#writable(row);
			const target = lineOf(line);
			const column = target.cells.findIndex((cell, index) => !looksLike(cell, cells[index] ?? HIDDEN));
			if (column >= 0) {
				return `row ${row}, column ${column} is ${words(cells[column])} instead of ${words(target.cells[column])}`;
			}
			if (wraps !== line.wraps) {
				return `row ${row} ${wraps ? "continues" : "does not continue"} in the next`;
			}
		}
		return undefined;
	}

	#writable(row: number): ClientLine {
		const line = this.#lines[row] ?? this.#blankLine(0);
		if (!(line instanceof Row)) {
			return line;
		}
		const copy = lineOf(line);
		this.#lines[row] = copy;
		return copy;
	}

	#blankLine(background: number): ClientLine {
		return { cells: blanks(this.#columns, background), wraps: false };
	}
}

function lineOf(row: Row): ClientLine {
	const cells: ClientCell[] = [];
	for (let column = 0, at = 0; at < row.cells.length; column++, at += CELL_WORDS) {
		const word = row.cells[at] ?? 0;
		if (word & SPACER) {
			cells.push(HIDDEN);
			continue;
		}
		cells.push({
			text: word === 0 ? "" : row.textAt(column),
			wide: (word & WIDE) !== 0,
			rendition: {
				foreground: row.cells[at + 1] ?? 0,
				background: row.cells[at + 2] ?? 0,
				extra: row.extraAt(column),
			},
		});
	}
	return { cells, wraps: row.wraps };
}

function blank(background: number): ClientCell {
	return { text: "", wide: false, rendition: { foreground: 0, background } };
}

function blanks(count: number, background: number): ClientCell[] {
	return Array.from({ length: Math.max(0, count) }, () => blank(background));
}

function looksLike(a: ClientCell, b: ClientCell): boolean {
	return a.wide === b.wide && shown(a) === shown(b) && sameRendition(a.rendition, b.rendition);
}

/** A space that shows nothing but its background looks like an erased cell. */
function shown({ text, rendition: { foreground, background } }: ClientCell): string {
	return text === " " && foreground === 0 && (background & ~FOREGROUND_COLOUR_MASK) === 0 ? "" : text;
}

function words(cell: ClientCell | undefined): string {
	return cell === undefined ? "missing" : `${JSON.stringify(cell.text)} ${JSON.stringify(cell.rendition)}`;
}
