/**
 * Lines that belong together because text went on from each to the next by itself: what a search looks through as a whole, and
 * what is broken into rows anew for a screen of another width.
 */
import { INVERSE } from "./rendition.js";
import { AMBIGUOUS, CELL_WORDS, CODE_POINT_MASK, COMBINED, Row, SPACER, WIDE } from "./row.js";

/** Numbered lines, as `History` has them. */
export interface NumberedLines {
	/** The oldest. */
	readonly first: number;
	/** The one after the newest. */
	readonly bottom: number;
	row(line: number): Row;
	/** Text goes on in the next line. */
	continues(line: number): boolean;
}

/**
 * A paragraph ends before each line whose number is a multiple of this, so that output without any line break is not one whole
 * that would have to be taken apart for each key.
 */
const MAX_LINES = 256;

const SPACE = 0x20;

/** A part of a paragraph, in cells from its beginning; `to` is not part of it. */
export interface Span {
	readonly from: number;
	readonly to: number;
}

export class Paragraph {
	readonly #from: number;
	readonly #lines: readonly Row[];
	/** In cells, of each line; at the end that of the paragraph's end. */
	readonly #offsets: readonly number[];

	/** The paragraph that `line` is in. */
	static at(lines: NumberedLines, line: number): Paragraph {
		let from = line;
		while (from > lines.first && from % MAX_LINES !== 0 && lines.continues(from - 1)) {
			from--;
		}
		let to = line + 1;
		while (to < lines.bottom && to % MAX_LINES !== 0 && lines.continues(to - 1)) {
			to++;
		}
		return new Paragraph(
			from,
			Array.from({ length: to - from }, (_, index) => lines.row(from + index)),
		);
	}

	constructor(from: number, lines: readonly Row[]) {
		this.#from = from;
		this.#lines = lines;
		const offsets = [0];
		for (const [index, row] of lines.entries()) {
			offsets.push((offsets[index] ?? 0) + lengthOf(row, index === lines.length - 1));
		}
		this.#offsets = offsets;
	}

	/** Its first line, and the one after its last. */
	get from(): number {
		return this.#from;
	}

	get to(): number {
		return this.#from + this.#lines.length;
	}

	/** Cell `cell` of a line, counted from the paragraph's beginning. */
	offsetOf(line: number, cell: number): number {
		return (this.#offsets[line - this.#from] ?? 0) + cell;
	}

	/** The line and its cell at an offset. */
	placeOf(offset: number): { readonly line: number; readonly cell: number } {
		const index = lastAtMost(this.#offsets.slice(0, -1), offset);
		return { line: this.#from + index, cell: offset - (this.#offsets[index] ?? 0) };
	}

	/** Its rows on a screen of `columns`. */
	layout(columns: number): Layout {
		const unchanged = this.#lines.every((row) => row.cells.length === columns * CELL_WORDS);
		return unchanged
			? new Layout(columns, this.#offsets.slice(0, -1), this.#lines)
			: broken(columns, joined(this.#lines, this.#offsets));
	}

	/** Where it matches a global expression that does not match nothing. */
	find(expression: RegExp): Span[] {
		const matches = [...this.#text.matchAll(expression)];
		const cells = matches.length > 0 ? this.#cellsOfText() : [];
		return matches.map(({ index, 0: { length } }) => ({
			from: cells[index] ?? 0,
			to: cells[index + length] ?? 0,
		}));
	}

	/** Made for every line there is at every key of a search. */
	get #text(): string {
		let text = "";
		let codePoints: number[] = [];
		const take = (): void => {
			text += String.fromCodePoint(...codePoints);
			codePoints = [];
		};
		for (const [index, row] of this.#lines.entries()) {
			const count = this.#lengthOf(index);
			for (let column = 0; column < count; column++) {
				const word = row.cells[column * CELL_WORDS] ?? 0;
				if ((word & COMBINED) !== 0) {
					take();
					text += row.textAt(column);
				} else if ((word & SPACER) === 0) {
					codePoints.push(word === 0 ? SPACE : word & CODE_POINT_MASK);
				}
			}
			take();
		}
		return text;
	}

	/** The cell of each code unit of the text, and that of its end. */
	#cellsOfText(): number[] {
		const cells: number[] = [];
		for (const [index, row] of this.#lines.entries()) {
			const offset = this.#offsets[index] ?? 0;
			const count = this.#lengthOf(index);
			for (let column = 0; column < count; column++) {
				const word = row.cells[column * CELL_WORDS] ?? 0;
				const units = (word & SPACER) !== 0 ? 0 : word === 0 ? 1 : row.textAt(column).length;
				for (let unit = 0; unit < units; unit++) {
					cells.push(offset + column);
				}
			}
		}
		cells.push(this.#offsets.at(-1) ?? 0);
		return cells;
	}

	/** Of a line, in cells. */
	#lengthOf(index: number): number {
		return (this.#offsets[index + 1] ?? 0) - (this.#offsets[index] ?? 0);
	}
}

/** The rows of a paragraph on a screen of a certain width; there is at least one. */
export class Layout {
	readonly #columns: number;
	/** The cell that each row begins with. */
	readonly #starts: readonly number[];
	readonly #rows: readonly Row[];

	constructor(columns: number, starts: readonly number[], rows: readonly Row[]) {
		this.#columns = columns;
		this.#starts = starts;
		this.#rows = rows;
	}

	get count(): number {
		return this.#starts.length;
	}

	/** The row that shows a cell. */
	indexOf(offset: number): number {
		return lastAtMost(this.#starts, offset);
	}

	/** The cell that a row begins with. */
	startOf(index: number): number {
		return this.#starts[index] ?? 0;
	}

	/** A row, with the colours of what is marked exchanged. */
	row(index: number, marks: readonly Span[]): Row {
		const row = this.#rows[index] as Row;
		const start = this.startOf(index);
		const end = Math.min(
			start + this.#columns,
			index + 1 < this.count ? this.startOf(index + 1) : Number.POSITIVE_INFINITY,
		);
		const within = marks.filter(({ from, to }) => from < end && to > start);
		if (within.length === 0) {
			return row;
		}
		const cells = row.cells.slice();
		for (const { from, to } of within) {
			mark(cells, Math.max(0, from - start), Math.min(to, end) - start);
		}
		return new Row(cells, row.combined, row.wraps, undefined, row.extras);
	}
}

/** In cells. Only what a program has put there counts: it wraps in the last column, but a screen may have become wider. */
export function lengthOf({ cells, wraps }: Row, last: boolean): number {
	let end = cells.length;
	while (!wraps && end > CELL_WORDS && (cells[end - CELL_WORDS] ?? 0) === 0) {
		end -= CELL_WORDS;
	}
	const blank = last && end === CELL_WORDS && cells[0] === 0;
	return blank ? 0 : end / CELL_WORDS;
}

/** All cells of lines in a single long row. */
function joined(lines: readonly Row[], offsets: readonly number[]): Row {
	const cells = new Uint32Array((offsets.at(-1) ?? 0) * CELL_WORDS);
	const combined = new Map<number, string>();
	const extras: Map<number, NonNullable<ReturnType<Row["extraAt"]>>> = new Map();
	for (const [index, row] of lines.entries()) {
		const offset = offsets[index] ?? 0;
		const count = (offsets[index + 1] ?? 0) - offset;
		cells.set(row.cells.subarray(0, count * CELL_WORDS), offset * CELL_WORDS);
		for (const [column, text] of row.combined ?? []) {
			combined.set(offset + column, text);
		}
		for (const [column, extra] of row.extras ?? []) {
			extras.set(offset + column, extra);
		}
	}
	return new Row(cells, combined, false, 0, extras);
}

function broken(columns: number, whole: Row): Layout {
	const length = whole.cells.length / CELL_WORDS;
	const starts: number[] = [];
	const rows: Row[] = [];
	let start = 0;
	do {
		let end = Math.min(start + columns, length);
		if (end < length && (textAt(whole, end - 1) & WIDE) !== 0) {
			end--;
		}
		starts.push(start);
		rows.push(part(whole, start, end, columns));
		start = end;
	} while (start < length);
	return new Layout(columns, starts, rows);
}

function part(whole: Row, start: number, end: number, columns: number): Row {
	const cells = new Uint32Array(columns * CELL_WORDS);
	cells.set(whole.cells.subarray(start * CELL_WORDS, end * CELL_WORDS));
	const full = end - start === columns && end * CELL_WORDS < whole.cells.length;
	const last = (textAt(whole, end - 1) & SPACER) === 0 ? end - 1 : end - 2;
	const certain = ((textAt(whole, last) | textAt(whole, end)) & AMBIGUOUS) === 0;
	return new Row(
		cells,
		within(whole.combined, start, end),
		full && certain,
		undefined,
		within(whole.extras, start, end),
	);
}

function textAt({ cells }: Row, cell: number): number {
	return cells[cell * CELL_WORDS] ?? 0;
}

function within<Entry>(
	entries: ReadonlyMap<number, Entry> | undefined,
	start: number,
	end: number,
): Map<number, Entry> | undefined {
	const found = new Map<number, Entry>();
	if (entries !== undefined && entries.size > 0) {
		for (let at = start; at < end; at++) {
			const entry = entries.get(at);
			if (entry !== undefined) {
				found.set(at - start, entry);
			}
		}
	}
	return found.size > 0 ? found : undefined;
}

function mark(cells: Uint32Array, from: number, to: number): void {
	for (let at = from * CELL_WORDS; at < to * CELL_WORDS; at += CELL_WORDS) {
		if (((cells[at] ?? 0) & SPACER) === 0) {
			const foreground = ((cells[at + 1] ?? 0) ^ INVERSE) >>> 0;
			const text = cells[at] || SPACE;
			// A blank has no foreground.
			cells[at] = text === SPACE && foreground === 0 ? 0 : text;
			cells[at + 1] = foreground;
		}
	}
}

/** The index of the last of ascending numbers that is not above `value`, at least 0. */
function lastAtMost(numbers: readonly number[], value: number): number {
	let [low, high] = [0, numbers.length - 1];
	while (low < high) {
		const middle = (low + high + 1) >> 1;
		if ((numbers[middle] ?? 0) <= value) {
			low = middle;
		} else {
			high = middle - 1;
		}
	}
	return low;
}
