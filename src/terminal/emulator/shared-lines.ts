/**
 * Lines that look the same are one and the same until one of them is written to. Sequences of a few bytes blank the
 * whole screen, which the stock emulator does by sharing a row; xterm.js makes every line anew, cell by cell: 70 kB of
 * `CSI 999 S` took 16 s. Here blanking a line takes no longer than pointing to another.
 */
import { type Attributes, type Line, type LineBuffer, type Lines, lineOfRow } from "./internals.js";

/** The mark of a shared line. None has combined texts, so nothing is ever read from or put into this. */
const SHARED = Object.freeze({});

/**
 * Blank lines by width and background: making one takes as long as printing it full. As nothing is ever written to them,
 * all terminals may have the same.
 */
const blankLines = new Map<number, Line>();
const MAX_BLANK_LINES = 16;
const CELL_BYTES = 12;
const NO_ATTRIBUTES: Attributes = { fg: 0, bg: 0 };

/** Classes of xterm.js that are prepared: once for all its terminals, as each behaves as before without such lines. */
const prepared = new WeakSet<object>();

/** Makes xterm.js give a shared line up for a copy before anything can be written to it. */
export function allowSharedLines(buffer: LineBuffer): void {
	const lines = Object.getPrototypeOf(buffer.lines) as Lines;
	if (prepared.has(lines)) return;
	prepared.add(lines);
	const { recycle } = lines;
	lines.get = function (index) {
		const line = this._array[this._getCyclicIndex(index)];
		return line !== undefined && line._combined === SHARED ? ownCopy(this, index, line) : line;
	};
	lines.recycle = function () {
		const line = recycle.call(this);
		return line._combined === SHARED ? ownCopy(this, this.length - 1, line) : line;
	};
	// Moves lines by `get`, which would make copies of all.
	lines.shiftElements = function (start, count, offset) {
		move(this, start, count, offset);
	};
	const buffers = Object.getPrototypeOf(buffer) as LineBuffer;
	buffers.fillViewportRows = function (attributes) {
		if (this.lines.length > 0) return;
		const blank = blankLine(this, attributes);
		for (let rows = this._rows; rows > 0; rows--) this.lines.push(blank);
	};
}

/** Blanks rows of the screen from `first` up to but not including `end`. */
export function blankRows(buffer: LineBuffer, first: number, end: number, attributes?: Attributes): void {
	if (first >= end) return;
	fillRows(buffer, first, end, blankLine(buffer, attributes));
}

/** Blank rows share a line again, after xterm.js has touched them all. */
export function shareBlankRows(buffer: LineBuffer): void {
	const blank = blankLine(buffer);
	const bytes = bytesOf(blank);
	for (let row = 0; row < buffer._rows; row++) {
		const line = lineOfRow(buffer, row);
		if (line === undefined || line.isWrapped || line.length !== blank.length) continue;
		if (bytesOf(line).equals(bytes)) fillRows(buffer, row, row + 1, blank);
	}
}

function bytesOf({ _data: { buffer, byteOffset }, length }: Line): Buffer {
	return Buffer.from(buffer, byteOffset, length * CELL_BYTES);
}

/** Never written to, and without combined texts. */
export function isShared(line: Line): boolean {
	return line._combined === SHARED;
}

function blankLine(buffer: LineBuffer, attributes: Attributes = NO_ATTRIBUTES): Line {
	// Of the attributes no others count: only erasing blanks lines.
	const key = buffer._cols * 2 ** 32 + attributes.bg;
	let line = blankLines.get(key);
	if (line !== undefined) return line;
	if (blankLines.size >= MAX_BLANK_LINES) blankLines.clear();
	line = attributes === NO_ATTRIBUTES ? buffer.getBlankLine() : buffer.getBlankLine(attributes);
	line._combined = SHARED;
	blankLines.set(key, line);
	return line;
}

/** Makes rows of the screen from `first` up to but not including `end` look like `line`, one without combined texts. */
export function fillRows(buffer: LineBuffer, first: number, end: number, line: Line): void {
	line._combined = SHARED;
	const { _array: array } = buffer.lines;
	const from = buffer.lines._getCyclicIndex(buffer.ybase + first);
	const to = from + end - first;
	array.fill(line, from, to);
	if (to > array.length) array.fill(line, 0, to - array.length);
}

/**
 * Moves rows `first` to `last` by `up` rows up, or down if that is negative; what leaves them is lost, and blank rows
 * come in.
 */
export function scrollRows(
	buffer: LineBuffer,
	first: number,
	last: number,
	up: number,
	attributes?: Attributes,
): void {
	const height = last - first + 1;
	const distance = Math.min(Math.abs(up), height);
	const staying = height - distance;
	const { lines, ybase } = buffer;
	if (up > 0) {
		move(lines, ybase + first + distance, staying, -distance);
		blankRows(buffer, first + staying, last + 1, attributes);
	} else {
		move(lines, ybase + first, staying, distance);
		blankRows(buffer, first, first + distance, attributes);
	}
}

function ownCopy(lines: Lines, index: number, line: Line): Line {
	const copy = line.clone();
	lines.set(index, copy);
	return copy;
}

/** Within the list: it never grows by this. */
function move(lines: Lines, start: number, count: number, offset: number): void {
	const array = lines._array;
	const size = array.length;
	const step = offset > 0 ? -1 : 1;
	const first = offset > 0 ? start + count - 1 : start;
	let from = lines._getCyclicIndex(first);
	let to = lines._getCyclicIndex(first + offset);
	for (let left = count; left > 0; left--) {
		array[to] = array[from];
		from += step;
		to += step;
		if (from === size) from = 0;
		else if (from < 0) from = size - 1;
		if (to === size) to = 0;
		else if (to < 0) to = size - 1;
	}
}
