/**
 * Moves and fills cells of a line as ranges of words. xterm.js does it cell by cell, which takes 10 µs for a line of 1000
 * columns, in insert mode for every character printed.
 */
import { CELL, type CellData, EXTENDED_BIT, HAS_CONTENT, type Line, WIDTH_SHIFT } from "./internals.js";

/** Classes of xterm.js already patched, which affects all of its terminals. */
const prepared = new WeakSet<object>();

/** Patches the class of `line`; each function has the same result as before. */
export function moveCellsAsWords(line: Line): void {
	const lines = Object.getPrototypeOf(line) as Line;
	if (prepared.has(lines)) {
		return;
	}
	prepared.add(lines);
	const { replaceCells } = lines;
	lines.insertCells = function (at, count, fill) {
		insertCells(this, at % this.length, count, fill);
	};
	lines.deleteCells = function (at, count, fill) {
		deleteCells(this, at % this.length, count, fill);
	};
	lines.replaceCells = function (first, end, fill, unprotectedOnly) {
		if (unprotectedOnly) {
			replaceCells.call(this, first, end, fill, unprotectedOnly);
		} else {
			eraseCells(this, first, end, fill);
		}
	};
}

/** Copies the cell at `column` to the `count` cells after it. */
export function copyCell(
	{ _data: data, _extendedAttrs: extended }: Line,
	column: number,
	count: number,
): void {
	const from = column * CELL;
	if (count >= MANY) {
		data.set(copiesOf(data, from, count), from + CELL);
	} else {
		const end = from + count * CELL;
		for (let at = from; at < end; at++) {
			data[at + CELL] = data[at] as number;
		}
	}
	if (((data[from + 2] ?? 0) & EXTENDED_BIT) === 0) {
		return;
	}
	for (let next = column + 1; next <= column + count; next++) {
		extended[next] = extended[column];
	}
}

/** So many copies are made at once. */
const MANY = 32;

/** A row of equal cells to copy from: one copy instead of ten that double each time. */
interface Pattern {
	words: Uint32Array;
	/** How many words have been written. */
	filled: number;
	/** The first words, as many as were last asked for. */
	view: Uint32Array;
}

/** For the cells copied last: floods take turns with a few. */
const patterns: Pattern[] = [];
const MAX_PATTERNS = 4;
const PATTERN_WORDS = 1_000 * CELL;
let oldest = 0;

/** The words of `count` cells like the one at `from`. */
function copiesOf(data: Uint32Array, from: number, count: number): Uint32Array {
	const wanted = count * CELL;
	const pattern = patternOf(data, from, wanted);
	const { words } = pattern;
	while (pattern.filled < wanted) {
		const more = Math.min(pattern.filled, wanted - pattern.filled);
		words.copyWithin(pattern.filled, 0, more);
		pattern.filled += more;
	}
	if (pattern.view.length !== wanted) {
		pattern.view = words.subarray(0, wanted);
	}
	return pattern.view;
}

function patternOf(data: Uint32Array, from: number, wanted: number): Pattern {
	for (const pattern of patterns) {
		const { words } = pattern;
		const same = words[0] === data[from] && words[1] === data[from + 1] && words[2] === data[from + 2];
		if (same && words.length >= wanted) {
			return pattern;
		}
	}
	const slot = oldest;
	oldest = (oldest + 1) % MAX_PATTERNS;
	let pattern = patterns[slot];
	if (pattern === undefined || pattern.words.length < wanted) {
		const words = new Uint32Array(Math.max(wanted, PATTERN_WORDS));
		pattern = patterns[slot] = { words, filled: 0, view: words };
	}
	for (let word = 0; word < CELL; word++) {
		pattern.words[word] = data[from + word] as number;
	}
	pattern.filled = CELL;
	return pattern;
}

function insertCells(line: Line, column: number, count: number, fill: CellData): void {
	const { length } = line;
	if (column > 0) {
		blankIfWide(line, column - 1, fill);
	}
	const staying = length - column - count;
	if (staying > 0) {
		moveCells(line, column, staying, count);
	}
	fillCells(line, column, Math.min(column + count, length), fill);
	blankIfWide(line, length - 1, fill);
}

function deleteCells(line: Line, column: number, count: number, fill: CellData): void {
	const { length } = line;
	const staying = length - column - count;
	if (staying > 0) {
		moveCells(line, column + count, staying, -count);
	}
	fillCells(line, Math.max(column, length - count), length, fill);
	if (column > 0) {
		blankIfWide(line, column - 1, fill);
	}
	// The second half of a wide character has neither width nor text.
	const content = line._data[column * CELL] ?? 0;
	if (content >>> WIDTH_SHIFT === 0 && (content & HAS_CONTENT) === 0) {
		line.setCellFromCodepoint(column, 0, 1, fill);
	}
}

function eraseCells(line: Line, first: number, end: number, fill: CellData): void {
	if (first > 0) {
		blankIfWide(line, first - 1, fill);
	}
	if (end < line.length && widthAt(line, end - 1) === 2) {
		line.setCellFromCodepoint(end, 0, 1, fill);
	}
	fillCells(line, first, Math.min(end, line.length), fill);
}

function widthAt({ _data: data }: Line, column: number): number {
	return (data[column * CELL] ?? 0) >>> WIDTH_SHIFT;
}

/** Blanks the first half of a wide character whose second half is gone. */
function blankIfWide(line: Line, column: number, fill: CellData): void {
	if (widthAt(line, column) === 2) {
		line.setCellFromCodepoint(column, 0, 1, fill);
	}
}

function fillCells(line: Line, first: number, end: number, fill: CellData): void {
	if (first >= end) {
		return;
	}
	line.setCell(first, fill);
	copyCell(line, first, end - first - 1);
}

/** Moves `count` cells from `first` on by `by` columns, within the line. */
function moveCells(line: Line, first: number, count: number, by: number): void {
	line._combined = movedEntries(line._combined, first, count, by);
	line._extendedAttrs = movedEntries(line._extendedAttrs, first, count, by);
	line._data.copyWithin((first + by) * CELL, first * CELL, (first + count) * CELL);
}

/**
 * Entries by column after such a move. As an array they move all at once; as the plain object that xterm.js starts with, a
 * row of 1000 took 50 µs. Entries of cells that are overwritten are dropped or ignored, as no cell refers to them.
 */
function movedEntries<Entry>(
	entries: { [column: number]: Entry },
	first: number,
	count: number,
	by: number,
): { [column: number]: Entry } {
	if (!Array.isArray(entries) && isEmpty(entries)) {
		return entries;
	}
	const all: Entry[] = Array.isArray(entries) ? entries : Object.assign([], entries);
	const moved = all.slice(first, first + count);
	return by > 0
		? all.slice(0, first).concat(new Array(by + first - Math.min(first, all.length)), moved)
		: all.slice(0, first + by).concat(moved);
}

/** Whether a line has no combined texts, or no underline styles and colours. */
export function isEmpty(entries: object): boolean {
	for (const _ in entries) {
		return false;
	}
	return true;
}
