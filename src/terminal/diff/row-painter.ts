/** Paints a screen row by row: turns what the client shows in a row into what it should show. */

import { EXTRA, type Rendition, sameExtra } from "../screen/rendition.js";
import { AMBIGUOUS, CELL_WORDS, CODE_POINT_MASK, COMBINED, type Row, SPACER, WIDE } from "../screen/row.js";
import { codePointWidth, hasAmbiguousWidth, isNewCharacter } from "../screen/width.js";
import type { Painter } from "./painter.js";
import { type PainterState, RowRepeats } from "./row-repeats.js";

/** JuiceSSH does not erase on ECH with small counts; upstream also uses spaces up to this count (protocol §8). */
const MAX_SPACES = 4;
/** With the rendition already right, ECH and the cursor movement after it are as long as this many spaces. */
const MAX_CHEAP_SPACES = 8;
const DELETE = 0x7f;
const REPLACEMENT_CHARACTER = "\ufffd";
/** Greater text words have flags or more than one UTF-16 code unit. */
const LAST_UNIT = 0xffff;

export class RowPainter {
	readonly #painter: Painter;
	readonly #columns: number;
	readonly #run: Uint16Array;
	readonly #repeats = new RowRepeats();
	/** The last cell of the row above has just been printed, and that row continues in this one. */
	#wraps = false;

	constructor(painter: Painter, columns: number) {
		this.#painter = painter;
		this.#columns = columns;
		this.#run = new Uint16Array(columns);
	}

	/** Rows must be painted from the top down. */
	paint(row: number, from: Row, to: Row): void {
		if (!this.#wraps && from.equals(to)) {
			this.#repeats.skipped();
			return;
		}
		const painter = this.#painter;
		const start = this.#state(row);
		const repeated = this.#repeats.repeated(from, to, start);
		if (repeated?.text !== undefined) {
			const { text, end } = repeated;
			painter.repeat(text, row - end.rowsAway, end.column, end.rendition);
			this.#wraps = end.wraps;
			return;
		}
		if (this.#repeats.isNext(from, to)) {
			painter.note();
		}
		this.#paintCells(row, from, to);
		this.#repeats.painted({ from, to, start, end: this.#state(row), text: painter.noted() });
	}

	#state(row: number): PainterState {
		const { row: at, column, rendition } = this.#painter;
		return { rowsAway: row - at, column, rendition, wraps: this.#wraps };
	}

	#paintCells(row: number, from: Row, to: Row): void {
		let column = this.#wraps ? this.#continueWrap(to) : 0;
		// On a screen of two columns the first cell may also be the last.
		this.#wraps = column === this.#columns && to.wraps;
		// Cells before this column are painted regardless of what the client shows there.
		let certain = 0;
		while (column < this.#columns) {
			const width = textWord(to, column) & WIDE ? 2 : 1;
			if (column >= certain && this.#same(from, to, column, width)) {
				column += width;
				continue;
			}
			if (isBlank(to, column) && !(to.wraps && blankEnd(to, column) === this.#columns)) {
				column = this.#paintBlanks(row, from, to, column, certain);
				continue;
			}
			const ambiguous = isAmbiguous(to, column);
			if (ambiguous && column + widest(to, column) > this.#columns) {
				this.#paintMargin(row, to);
				return;
			}
			this.moveTo(row, column, to);
			const run = this.#gatherRun(from, to, column, certain);
			if (run > 1) {
				this.#painter.setRendition(renditionAt(to, column));
				this.#painter.print(textOf(this.#run, run), run);
				column += run;
				this.#wraps = column === this.#columns && to.wraps;
				continue;
			}
			this.#printCell(row, to, column, width);
			// A client that considers the text wider has overwritten cells after it.
			if (ambiguous) {
				certain = Math.max(certain, column + widest(to, column));
			}
			column += width;
			this.#wraps = column === this.#columns && to.wraps;
		}
	}

	/**
	 * Collects in `#run` the cells from `column` on that have to be printed, are one code unit of certain width each and
	 * share one rendition, and returns their number: text concatenated cell by cell takes 32 bytes of memory per cell.
	 */
	#gatherRun(from: Row, to: Row, column: number, certain: number): number {
		const { cells } = to;
		const first = column * CELL_WORDS;
		const foreground = cells[first + 1];
		const background = cells[first + 2];
		const extra = to.extraAt(column);
		const shown = from.cells;
		let end = column;
		for (let at = first; end < this.#columns; at += CELL_WORDS, end++) {
			const word = cells[at] ?? 0;
			if (word === 0 || word > LAST_UNIT) {
				break;
			}
			if (cells[at + 1] !== foreground || cells[at + 2] !== background) {
				break;
			}
			if (extra !== undefined && !sameExtra(extra, to.extraAt(end))) {
				break;
			}
			// As in `#same`, for a cell without combined text.
			const same = shown[at] === word && shown[at + 1] === foreground && shown[at + 2] === background;
			if (
				same &&
				(extra === undefined || sameExtra(extra, from.extraAt(end))) &&
				end >= certain &&
				(end + 1 < this.#columns || from.wraps === to.wraps)
			) {
				break;
			}
			this.#run[end - column] = word;
		}
		return end - column;
	}

	/** Moves the cursor in row `row`, which is `line` and has been painted up to `column`. */
	moveTo(row: number, column: number, line: Row): void {
		if (this.#painter.isAt(row, column)) {
			return;
		}
		this.#painter.moveTo(row, column, (from, to) => this.#reprint(line, from, to));
	}

	/** The text of cells that are one byte each and in the current rendition: reprinting them moves the cursor. */
	#reprint(line: Row, from: number, to: number): string | undefined {
		const { foreground, background, extra } = this.#painter.rendition;
		let text = "";
		for (let column = from; column < to; column++) {
			const at = column * CELL_WORDS;
			const word = line.cells[at] ?? 0;
			if (word >= DELETE || line.cells[at + 1] !== foreground || line.cells[at + 2] !== background) {
				return undefined;
			}
			if (extra !== undefined && !sameExtra(extra, line.extraAt(column))) {
				return undefined;
			}
			text += printableText(line, column);
		}
		return text;
	}

	/** @param at where the cursor is, and the cell is printed */
	#printCell(row: number, to: Row, column: number, width: number, at = column): void {
		const painter = this.#painter;
		painter.setRendition(renditionAt(to, column));
		if (isNewCharacter(textWord(to, column) & CODE_POINT_MASK)) {
			// A client that does not know the character does not print it: this is then what it shows.
			painter.print(width === 2 ? `${REPLACEMENT_CHARACTER} ` : REPLACEMENT_CHARACTER, width);
			painter.moveTo(row, at);
		}
		painter.print(printableText(to, column), width, isAmbiguous(to, column));
	}

	/** Prints the first cell of a row that the client wraps into by itself; returns the next column. */
	#continueWrap(to: Row): number {
		const width = textWord(to, 0) & WIDE ? 2 : 1;
		this.#painter.setRendition(renditionAt(to, 0));
		this.#painter.printWrapped(printableText(to, 0), width);
		return width;
	}

	/** Blanks the run of blank cells at `column` as far as it differs; returns the column after it. */
	#paintBlanks(row: number, from: Row, to: Row, column: number, certain: number): number {
		const painter = this.#painter;
		const background = renditionAt(to, column).background;
		const end = blankEnd(to, column);
		let last = end - 1;
		while (last > column && last >= certain && this.#same(from, to, last, 1)) {
			last--;
		}
		const count = last - column + 1;
		this.moveTo(row, column, to);
		if (end === this.#columns && (count > 1 || last === end - 1)) {
			painter.eraseToEnd("K", background);
			return end;
		}
		const { rendition } = painter;
		const cheap = rendition.foreground === 0 && rendition.background === background;
		if (count > (cheap ? MAX_CHEAP_SPACES : MAX_SPACES)) {
			painter.eraseCells(count, background);
		} else {
			painter.setRendition({ foreground: 0, background });
			painter.print(" ".repeat(count), count);
		}
		return last + 1;
	}

	/**
	 * Paints the end of a row where a client that considers characters wider would wrap, and on the bottom row scroll.
	 * Every cell is therefore printed further left, where there is room, starting with the last one; each insertion pushes
	 * the cells after it to the right.
	 */
	#paintMargin(row: number, to: Row): void {
		const painter = this.#painter;
		let start = this.#columns;
		for (let column = 0; column < this.#columns; column++) {
			if (!isAmbiguous(to, column)) {
				continue;
			}
			const most = widest(to, column);
			if (column + most > this.#columns) {
				start = Math.min(start, this.#columns - most);
			}
		}
		start = Math.max(start, 0);
		if (textWord(to, start) & SPACER) {
			start--;
		}
		for (let end = this.#columns; end > start; ) {
			const width = textWord(to, end - 1) & SPACER ? 2 : 1;
			painter.moveTo(row, start);
			if (end < this.#columns) {
				painter.raw(width === 1 ? "\x1b[@" : "\x1b[2@");
			}
			end -= width;
			this.#printCell(row, to, end, width, start);
		}
		if (!to.wraps) {
			return;
		}
		// Only a cell printed in the last column makes the client wrap; RowReader ensures that its width is certain.
		const width = textWord(to, this.#columns - 1) & SPACER ? 2 : 1;
		painter.moveTo(row, this.#columns - width);
		this.#printCell(row, to, this.#columns - width, width);
		this.#wraps = true;
	}

	#same(from: Row, to: Row, column: number, width: number): boolean {
		const at = column * CELL_WORDS;
		const word = to.cells[at] ?? 0;
		return (
			from.cells[at] === word &&
			from.cells[at + 1] === to.cells[at + 1] &&
			from.cells[at + 2] === to.cells[at + 2] &&
			((word & COMBINED) === 0 || from.textAt(column) === to.textAt(column)) &&
			(((to.cells[at + 2] ?? 0) & EXTRA) === 0 || sameExtra(from.extraAt(column), to.extraAt(column))) &&
			(column + width < this.#columns || from.wraps === to.wraps)
		);
	}
}

function textOf(units: Uint16Array, count: number): string {
	return Reflect.apply(String.fromCharCode, undefined, units.subarray(0, count));
}

function textWord(row: Row, column: number): number {
	return row.cells[column * CELL_WORDS] ?? 0;
}

function isBlank(row: Row, column: number): boolean {
	return textWord(row, column) === 0;
}

function isAmbiguous(row: Row, column: number): boolean {
	return (textWord(row, column) & AMBIGUOUS) !== 0;
}

/** The most columns that any client's C library may assign to the text of a cell. */
function widest(row: Row, column: number): number {
	let columns = 0;
	for (const character of row.textAt(column)) {
		const codePoint = character.codePointAt(0) ?? 0;
		columns += hasAmbiguousWidth(codePoint) ? 2 : Math.max(0, codePointWidth(codePoint));
	}
	return columns;
}

function printableText(row: Row, column: number): string {
	return isBlank(row, column) ? " " : row.textAt(column);
}

function renditionAt(row: Row, column: number): Rendition {
	const at = column * CELL_WORDS;
	const extra = row.extraAt(column);
	const rendition = { foreground: row.cells[at + 1] ?? 0, background: row.cells[at + 2] ?? 0 };
	return extra === undefined ? rendition : { ...rendition, extra };
}

/** The column after the run of blank cells of one background that starts at `column`. */
function blankEnd(row: Row, column: number): number {
	const background = renditionAt(row, column).background;
	const columns = row.cells.length / CELL_WORDS;
	let end = column + 1;
	while (end < columns && isBlank(row, end) && row.cells[end * CELL_WORDS + 2] === background) {
		end++;
	}
	return end;
}
