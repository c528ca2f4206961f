/**
 * Lines that look the same are one and the same until one of them is written to. Sequences of a few bytes blank the
 * whole screen, which the stock emulator does by sharing a row; xterm.js makes every line anew, cell by cell: 70 kB of
 * `CSI 999 S` took 16 s. Here blanking a line takes no longer than pointing to another.
 */
import {
	type Attributes,
	CELL,
	type Line,
	type LineBuffer,
	type Lines,
	lineOfRow,
	WIDTH_SHIFT,
	wordsAsBytes,
} from "./internals.js";
import { blankBeforeTail, completeLine, noteBlank, noteHandedOut } from "./repeated-tail.js";

/** The mark of a shared line. None has combined texts, so nothing is ever read from or put into this. */
const SHARED = Object.freeze({});

/**
 * Blank lines by width and background: making one takes as long as printing it full. As nothing is ever written to them,
 * all terminals may have the same.
 */
const blankLines = new Map<number, Line>();
const MAX_BLANK_LINES = 16;

/** Lines that were scrolled off. */
const spare: Line[] = [];
const MAX_SPARE = 4;

const BLANK = 1 << WIDTH_SHIFT;
const NO_ATTRIBUTES: Attributes = { fg: 0, bg: 0 };

/** Classes of xterm.js that are prepared: once for all its terminals, as each behaves as before without such lines. */
const prepared = new WeakSet<object>();

/** As xterm.js has it: the line may be a shared one. */
let recycle: Lines["recycle"];

/** Makes xterm.js give a shared line up for a copy before anything can be written to it. */
export function allowSharedLines(buffer: LineBuffer): void {
	const lines = Object.getPrototypeOf(buffer.lines) as Lines;
	if (prepared.has(lines)) return;
	prepared.add(lines);
	recycle = lines.recycle;
	const reuse = recycle;
	lines.recycle = function () {
		const line = reuse.call(this);
		if (isShared(line)) return ownCopy(this, this.length - 1, line);
		noteHandedOut(line);
		return line;
	};
	lines.get = function (index) {
		const line = this._array[this._getCyclicIndex(index)];
		if (line === undefined) return line;
		if (line._combined === SHARED) return ownCopy(this, index, line);
		noteHandedOut(line);
		return line;
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
	const bytes = wordsOf(blank);
	for (let row = 0; row < buffer._rows; row++) {
		const line = readableLine(buffer, row);
		if (line === undefined || line.isWrapped || line.length !== blank.length) continue;
		if (wordsOf(line).equals(bytes)) fillRows(buffer, row, row + 1, blank);
	}
}

function wordsOf({ _data: data, length }: Line): Buffer {
	return wordsAsBytes(data, 0, length * CELL);
}

/** The line of a row of the screen, to be read only: unlike `get` this leaves a shared one shared. */
export function readableLine(buffer: LineBuffer, row: number): Line | undefined {
	const line = lineOfRow(buffer, row);
	if (line?.repeatedTail !== undefined) completeLine(line);
	return line;
}

/** Never written to, and without combined texts. */
export function isShared(line: Line): boolean {
	return line._combined === SHARED;
}

function blankLine(buffer: LineBuffer, attributes: Attributes = NO_ATTRIBUTES, wrapped = false): Line {
	// Of the attributes no others count: only erasing blanks lines.
	const key = (buffer._cols * 2 + Number(wrapped)) * 2 ** 32 + attributes.bg;
	let line = blankLines.get(key);
	if (line !== undefined) return line;
	if (blankLines.size >= MAX_BLANK_LINES) blankLines.clear();
	line = attributes === NO_ATTRIBUTES ? buffer.getBlankLine() : buffer.getBlankLine(attributes);
	line._combined = SHARED;
	line.isWrapped = wrapped;
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
	const reused = spare.pop();
	const own = reused ?? line.clone();
	reused?.copyFrom(line);
	lines.set(index, own);
	const { 0: content, 2: background = 0 } = line._data;
	if (content === BLANK) noteBlank(own, background, 1);
	return own;
}

/** Keeps a line that no screen holds any more for the next copy, which takes a fraction of making a line. */
function release(line: Line | undefined): void {
	if (line === undefined || isShared(line) || spare.length >= MAX_SPARE) return;
	line.repeatedTail = undefined;
	line.known = undefined;
	spare.push(line);
}

/**
 * Scrolls the scrolling region up by a line, as line feeds and wraps do.
 * @returns false when the lines are not just those of the screen, and nothing has been done
 */
export function scrollScreen(buffer: LineBuffer, attributes: Attributes, wrapped: boolean): boolean {
	const { lines, ybase, scrollTop, scrollBottom } = buffer;
	if (ybase > 0 || lines.length !== lines.maxLength || lines.length !== buffer._rows) return false;
	const gone = lineOfRow(buffer, scrollTop);
	const whole = scrollTop === 0 && scrollBottom === lines.length - 1;
	if (whole) recycle.call(lines);
	else move(lines, scrollTop + 1, scrollBottom - scrollTop, -1);
	const reusable = gone?.length === buffer._cols && blankBeforeTail(gone, attributes.bg, wrapped);
	lines.set(scrollBottom, reusable ? gone : blankLine(buffer, attributes, wrapped));
	// xterm.js writes to the row it leaves after it has scrolled, and makes a new line unless the whole screen scrolls.
	if (!reusable && (whole || scrollTop < scrollBottom)) release(gone);
	return true;
}

/** Within the list: it never grows by this. */
function move(lines: Lines, start: number, count: number, offset: number): void {
	const array = lines._array;
	const size = array.length;
	const lowest = lines._getCyclicIndex(Math.min(start, start + offset));
	if (lowest + count + Math.abs(offset) > size) {
		moveAround(lines, start, count, offset);
	} else if (offset < 0) {
		for (let to = lowest; to < lowest + count; to++) array[to] = array[to - offset];
	} else {
		for (let to = lowest + offset + count - 1; to >= lowest + offset; to--) array[to] = array[to - offset];
	}
}

/** Where the range goes on at the start of the array. */
function moveAround(lines: Lines, start: number, count: number, offset: number): void {
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
