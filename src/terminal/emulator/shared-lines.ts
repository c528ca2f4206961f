/**
 * Copy-on-write lines: rows that look the same share one line until one of them is written to. Sequences of a few bytes
 * blank the whole screen, for which the stock emulator shares a row, but xterm.js creates every line cell by cell: 70 kB of
 * `CSI 999 S` took 16 s. Here, blanking a row only replaces a reference.
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

/** Marks a shared line. Shared lines have no combined texts, so this is never read from or written to. */
const SHARED = Object.freeze({});

/**
 * Blank lines by width, background and wrap: creating one takes as long as printing a full line. They are never written
 * to, so all terminals can share them.
 */
const blankLines = new Map<number, Line>();
const MAX_BLANK_LINES = 16;

/** Lines that have been scrolled off, to be reused. */
const spare: Line[] = [];
const MAX_SPARE = 4;

const BLANK = 1 << WIDTH_SHIFT;
const NO_ATTRIBUTES: Attributes = { fg: 0, bg: 0 };

/** Classes of xterm.js already patched, for all of its terminals: without shared lines they behave as before. */
const prepared = new WeakSet<object>();

/** The original function, which may return a shared line. */
let recycle: Lines["recycle"];

/** Makes xterm.js replace a shared line with a copy before anything can be written to it. */
export function allowSharedLines(buffer: LineBuffer): void {
	const lines = Object.getPrototypeOf(buffer.lines) as Lines;
	if (prepared.has(lines)) {
		return;
	}
	prepared.add(lines);
	recycle = lines.recycle;
	const reuse = recycle;
	lines.recycle = function () {
		const line = reuse.call(this);
		if (isShared(line)) {
			return ownCopy(this, this.length - 1, line);
		}
		noteHandedOut(line);
		return line;
	};
	lines.get = function (index) {
		const line = this._array[this._getCyclicIndex(index)];
		if (line === undefined) {
			return line;
		}
		if (line._combined === SHARED) {
			return ownCopy(this, index, line);
		}
		noteHandedOut(line);
		return line;
	};
	// The original moves lines by `get`, which would copy them all.
	lines.shiftElements = function (start, count, offset) {
		move(this, start, count, offset);
	};
	const buffers = Object.getPrototypeOf(buffer) as LineBuffer;
	const { clear } = buffers;
	// The original makes a new list of lines each time the alternate screen is left. Here the old lines stay until they are
	// replaced: at most a screen of them.
	buffers.clear = function () {
		if (this.lines.maxLength !== this._rows) {
			clear.call(this);
			return;
		}
		this.lines._length = 0;
		this.ybase = this.ydisp = this.x = this.y = this.scrollTop = 0;
		this.scrollBottom = this._rows - 1;
		this.setupTabStops();
	};
	buffers.fillViewportRows = function (attributes) {
		if (this.lines.length > 0) {
			return;
		}
		const blank = blankLine(this, attributes);
		this.lines._length = this._rows;
		fillRows(this, 0, this._rows, blank);
	};
}

/** Blanks rows of the screen from `first` up to but not including `end`. */
export function blankRows(buffer: LineBuffer, first: number, end: number, attributes?: Attributes): void {
	if (first >= end) {
		return;
	}
	fillRows(buffer, first, end, blankLine(buffer, attributes));
}

/** Makes blank rows share a line again after xterm.js has accessed them all. */
export function shareBlankRows(buffer: LineBuffer): void {
	const blank = blankLine(buffer);
	const bytes = wordsOf(blank);
	for (let row = 0; row < buffer._rows; row++) {
		const line = readableLine(buffer, row);
		if (line === undefined || line.isWrapped || line.length !== blank.length) {
			continue;
		}
		if (wordsOf(line).equals(bytes)) {
			fillRows(buffer, row, row + 1, blank);
		}
	}
}

function wordsOf({ _data: data, length }: Line): Buffer {
	return wordsAsBytes(data, 0, length * CELL);
}

/** The line of a row of the screen, for reading only: unlike `get`, this does not copy a shared line. */
export function readableLine(buffer: LineBuffer, row: number): Line | undefined {
	const line = lineOfRow(buffer, row);
	if (line?.repeatedTail !== undefined) {
		completeLine(line);
	}
	return line;
}

/** A shared line must not be written to. It has no combined texts. */
export function isShared(line: Line): boolean {
	return line._combined === SHARED;
}

function blankLine(buffer: LineBuffer, attributes: Attributes = NO_ATTRIBUTES, wrapped = false): Line {
	// Only the background matters, because lines are only blanked by erasing.
	const key = (buffer._cols * 2 + Number(wrapped)) * 2 ** 32 + attributes.bg;
	let line = blankLines.get(key);
	if (line !== undefined) {
		return line;
	}
	if (blankLines.size >= MAX_BLANK_LINES) {
		blankLines.clear();
	}
	line = attributes === NO_ATTRIBUTES ? buffer.getBlankLine() : buffer.getBlankLine(attributes);
	line._combined = SHARED;
	line.isWrapped = wrapped;
	blankLines.set(key, line);
	return line;
}

/** Makes the rows of the screen from `first` up to but not including `end` share `line`, which must have no combined texts. */
export function fillRows(buffer: LineBuffer, first: number, end: number, line: Line): void {
	line._combined = SHARED;
	const { _array: array } = buffer.lines;
	const from = buffer.lines._getCyclicIndex(buffer.ybase + first);
	const to = from + end - first;
	array.fill(line, from, to);
	if (to > array.length) {
		array.fill(line, 0, to - array.length);
	}
}

/** Scrolls the rows `first` to `last` up by `up` rows (down if negative); rows vacated become blank. */
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
	if (content === BLANK) {
		noteBlank(own, background, 1);
	}
	return own;
}

/** Keeps a line that is no longer in use for the next copy, which takes a fraction of the time for a new line. */
function release(line: Line | undefined): void {
	if (line === undefined || isShared(line) || spare.length >= MAX_SPARE) {
		return;
	}
	line.repeatedTail = undefined;
	line.known = undefined;
	spare.push(line);
}

/** Keeps the line of a row whose line is about to be replaced. */
export function releaseRow(buffer: LineBuffer, row: number): void {
	release(lineOfRow(buffer, row));
}

/**
 * Scrolls the scrolling region up by a line, as line feeds and wraps do.
 * @returns false, without doing anything, if the buffer has other lines than those of the screen
 */
export function scrollScreen(buffer: LineBuffer, attributes: Attributes, wrapped: boolean): boolean {
	const { lines, ybase, scrollTop, scrollBottom } = buffer;
	if (ybase > 0 || lines.length !== lines.maxLength || lines.length !== buffer._rows) {
		return false;
	}
	const gone = lineOfRow(buffer, scrollTop);
	const whole = scrollTop === 0 && scrollBottom === lines.length - 1;
	if (whole) {
		recycle.call(lines);
	} else {
		move(lines, scrollTop + 1, scrollBottom - scrollTop, -1);
	}
	const reusable = gone?.length === buffer._cols && blankBeforeTail(gone, attributes.bg, wrapped);
	lines.set(scrollBottom, reusable ? gone : blankLine(buffer, attributes, wrapped));
	// After scrolling, xterm.js may still write to the row it leaves, which is this one if the region is a single row.
	if (!reusable && (whole || scrollTop < scrollBottom)) {
		release(gone);
	}
	return true;
}

/** Moves lines within the list, which does not grow. */
function move(lines: Lines, start: number, count: number, offset: number): void {
	const array = lines._array;
	const size = array.length;
	const lowest = lines._getCyclicIndex(Math.min(start, start + offset));
	if (lowest + count + Math.abs(offset) > size) {
		moveAround(lines, start, count, offset);
	} else if (offset < 0) {
		for (let to = lowest; to < lowest + count; to++) {
			array[to] = array[to - offset];
		}
	} else {
		for (let to = lowest + offset + count - 1; to >= lowest + offset; to--) {
			array[to] = array[to - offset];
		}
	}
}

/** Same, for a range that wraps around the end of the array. */
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
		if (from === size) {
			from = 0;
		} else if (from < 0) {
			from = size - 1;
		}
		if (to === size) {
			to = 0;
		} else if (to < 0) {
			to = size - 1;
		}
	}
}
