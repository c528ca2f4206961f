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
	type LineStore,
	type Lines,
	lineOfRow,
	WIDTH_SHIFT,
	wordsAsBytes,
} from "./internals.js";
import { blankBeforeTail, completeLine, noteBlank, noteHandedOut, noteScrolled } from "./repeated-tail.js";
import { completeErase, eraseLater, isProtected } from "./selective-erase.js";

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

/** More rows written to are not remembered one by one. */
const MAX_COPIED = 16;

const BLANK = 1 << WIDTH_SHIFT;
const NO_ATTRIBUTES: Attributes = { fg: 0, bg: 0 };

/** Counts whatever may have changed or moved a line: handing one out, and putting others in its place. */
let changes = 0;
/** Counts only the latter. */
let moves = 0;
/** The line handed out since rows were last blanked, if it is the only one; otherwise whether there were several. */
let handed: Line | undefined;
let several = false;
/** The rows blanked last. A flood blanks the same ones again, which is nothing to do before `changes` counts on. */
let blanked: Blanked | undefined;

interface Blanked {
	/** Of the buffer's lines; replaced when the screen gets another size. */
	readonly array: readonly unknown[];
	readonly from: number;
	readonly count: number;
	readonly background: number;
	readonly unprotectedOnly: boolean;
	readonly changes: number;
	readonly moves: number;
}

/** Classes of xterm.js already patched, for all of its terminals: without shared lines they behave as before. */
const prepared = new WeakSet<object>();

/** Makes xterm.js replace a shared line with a copy before anything can be written to it. */
export function allowSharedLines(buffer: LineBuffer): void {
	const lines = Object.getPrototypeOf(buffer.lines) as Lines;
	if (prepared.has(lines)) {
		return;
	}
	prepared.add(lines);
	// A remainder takes longer than all else that finding a line does, and is hardly ever another number.
	lines._getCyclicIndex = function (index) {
		const at = this._startIndex + index;
		return at < this.maxLength ? at : at % this.maxLength;
	};
	const reuse = lines.recycle;
	lines.recycle = function () {
		changes++;
		moves++;
		const line = reuse.call(this);
		if (isShared(line)) {
			return ownCopy(this, this.length - 1, line);
		}
		noteHandedOut(line);
		return line;
	};
	lines.get = function (index) {
		changes++;
		const line = this._array[this._getCyclicIndex(index)];
		if (line === undefined) {
			return line;
		}
		if (line._combined === SHARED) {
			const own = ownCopy(this, index, line);
			noteHanded(this, own);
			return own;
		}
		noteHanded(this, line);
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
		if (!blankAgain(this.lines)) {
			releaseLines(this.lines);
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
		// xterm.js does not make the list of a hidden screen shorter.
		this.lines.maxLength = this._rows;
		const blank = blankLine(this, attributes);
		this.lines._length = this._rows;
		const { fill, _array: array } = this.lines;
		if (fill?.blank !== blank || fill.array !== array) {
			fillRows(this, 0, this._rows, blank);
		}
		this.lines.fill = { array, blank, moves, copied: [] };
	};
}

/**
 * Blanks rows of the screen from `first` up to but not including `end`.
 * @param unprotectedOnly protected cells stay
 */
export function blankRows(
	buffer: LineBuffer,
	first: number,
	end: number,
	attributes: Attributes = NO_ATTRIBUTES,
	unprotectedOnly = false,
): void {
	if (first >= end) {
		return;
	}
	const { _array: array } = buffer.lines;
	const from = buffer.lines._getCyclicIndex(buffer.ybase + first);
	const count = end - first;
	const { bg: background } = attributes;
	const again =
		blanked?.moves === moves &&
		blanked.array === array &&
		blanked.from === from &&
		blanked.count === count &&
		blanked.background === background &&
		blanked.unprotectedOnly === unprotectedOnly;
	if (again && blanked?.changes === changes) {
		return;
	}
	const blank = blankLine(buffer, attributes);
	if (!unprotectedOnly) {
		fillRows(buffer, first, end, blank);
	} else if (again && !several && count === buffer._rows) {
		// The others are as that left them.
		if (handed !== undefined) {
			eraseUnprotectedLater(handed, background);
		}
	} else {
		blankUnprotected(array, from, count, blank, background);
	}
	handed = undefined;
	several = false;
	blanked = { array, from, count, background, unprotectedOnly, changes, moves };
}

function noteHanded({ _array: array }: Lines, line: Line): void {
	if (array !== blanked?.array) {
		several = true;
	} else if (line !== handed) {
		several ||= handed !== undefined;
		handed = line;
	}
}

function eraseUnprotectedLater(line: Line, background: number): void {
	completeLine(line);
	eraseLater(line, background);
	line.isWrapped = false;
}

function blankUnprotected(
	array: (Line | undefined)[],
	from: number,
	count: number,
	blank: Line,
	background: number,
): void {
	changes++;
	moves++;
	for (let row = from; row < from + count; row++) {
		const at = row < array.length ? row : row - array.length;
		const line = array[at];
		if (line === blank || line === undefined) {
			continue;
		}
		if (!isShared(line)) {
			eraseUnprotectedLater(line, background);
		} else if (!isProtected(line, 0)) {
			// The cells of a shared line are all alike.
			array[at] = blank;
		}
	}
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
	const line = startedLine(buffer, row);
	if (line?.repeatedTail !== undefined) {
		completeLine(line);
	}
	return line;
}

/** Same, but cells may be missing that repeat the one before them (`repeatedTail`). */
export function startedLine(buffer: LineBuffer, row: number): Line | undefined {
	const line = lineOfRow(buffer, row);
	if (line?.erasedTo !== undefined) {
		completeErase(line);
	}
	return line;
}

/** Must be called by whoever changes a line that was not handed out for it. */
export function noteChange(): void {
	changes++;
	several = true;
}

/** A shared line must not be written to. It has no combined texts. */
export function isShared(line: Line): boolean {
	return line._combined === SHARED;
}

/** Gives a new line all properties that are not part of xterm.js, so that V8 sees a single kind of line. */
function withOurs(line: Line): Line {
	line.known = undefined;
	line.blankFrom = undefined;
	line.repeatedTail = undefined;
	line.erasedTo = undefined;
	return line;
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
	line = withOurs(attributes === NO_ATTRIBUTES ? buffer.getBlankLine() : buffer.getBlankLine(attributes));
	line._combined = SHARED;
	line.isWrapped = wrapped;
	blankLines.set(key, line);
	return line;
}

/** Makes the rows of the screen from `first` up to but not including `end` share `line`, which must have no combined texts. */
export function fillRows(buffer: LineBuffer, first: number, end: number, line: Line): void {
	changes++;
	moves++;
	line._combined = SHARED;
	const { _array: array } = buffer.lines;
	const from = buffer.lines._getCyclicIndex(buffer.ybase + first);
	const to = from + end - first;
	fillArray(array, line, from, Math.min(to, array.length));
	fillArray(array, line, 0, to - array.length);
}

/** Most are there already, and looking takes a fraction of the time that `Array.fill` takes to write. */
function fillArray(array: (Line | undefined)[], line: Line, from: number, to: number): void {
	for (let at = from; at < to; at++) {
		if (array[at] !== line) {
			array[at] = line;
		}
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
	const own = reused ?? withOurs(line.clone());
	reused?.copyFrom(line);
	own.blankFrom = undefined;
	lines.set(index, own);
	noteCopied(lines, index);
	const { 0: content, 2: background = 0 } = line._data;
	if (content === BLANK) {
		noteBlank(own, background, 1);
	}
	return own;
}

function noteCopied(lines: Lines, index: number): void {
	const { fill } = lines;
	if (fill === undefined) {
		return;
	}
	if (fill.copied.length === MAX_COPIED) {
		lines.fill = undefined;
	} else {
		fill.copied.push(lines._getCyclicIndex(index));
	}
}

/** Keeps a line that is no longer in use for the next copy, which takes a fraction of the time for a new line. */
function release(line: Line | undefined): void {
	if (line === undefined || isShared(line) || spare.length >= MAX_SPARE) {
		return;
	}
	line.repeatedTail = undefined;
	line.erasedTo = undefined;
	line.known = undefined;
	spare.push(line);
}

/** Keeps lines of a screen that is left. */
function releaseLines(lines: Lines): void {
	const { _array: array } = lines;
	lines.fill = undefined;
	for (let at = 0; at < array.length && spare.length < MAX_SPARE; at++) {
		const line = array[at];
		if (line !== undefined && !isShared(line)) {
			release(line);
			array[at] = undefined;
		}
	}
}

/**
 * Blanks a screen that was filled, by replacing only the lines that have been written to since.
 * @returns false, without doing anything, if there may be others
 */
function blankAgain({ fill, _array: array }: Lines): boolean {
	if (fill?.moves !== moves || fill.array !== array) {
		return false;
	}
	for (const at of fill.copied) {
		release(array[at]);
		array[at] = fill.blank;
	}
	return true;
}

/** Puts lines into the history, if there is one, that are about to leave the screen at the top as if by line feeds. */
export function keepLeaving(buffer: LineBuffer, count: number, history: LineStore | undefined): void {
	const { scrollTop, scrollBottom } = buffer;
	if (history === undefined || scrollTop > 0) {
		return;
	}
	const { _array: array } = buffer.lines;
	let at = buffer.lines._getCyclicIndex(buffer.ybase);
	let left = Math.min(count, scrollBottom + 1);
	noteScrolled();
	/** Rows from here on that are known to be blank. */
	let blank = blanked !== undefined && isBlanked(blanked, array, at) ? Math.min(left, blanked.count) : 0;
	while (left > 0) {
		const line = array[at] as Line;
		let alike = Math.max(1, blank);
		at = (at + alike) % array.length;
		blank = 0;
		if (!isShared(line)) {
			history.take(line);
		} else {
			while (alike < left && array[at] === line) {
				alike++;
				at = at + 1 === array.length ? 0 : at + 1;
			}
			history.takeShared(line, alike);
		}
		left -= alike;
	}
}

/** The rows blanked last begin at this index, and nothing has changed since. */
function isBlanked(rows: Blanked, array: readonly unknown[], at: number): boolean {
	return !rows.unprotectedOnly && rows.changes === changes && rows.array === array && rows.from === at;
}

/** Keeps the line of a row whose line is about to be replaced. */
export function releaseRow(buffer: LineBuffer, row: number): void {
	release(lineOfRow(buffer, row));
}

/**
 * Scrolls the scrolling region up by a line, as line feeds and wraps do.
 * @param history takes the line that leaves the screen at the top
 * @returns false, without doing anything, if the buffer has other lines than those of the screen
 */
export function scrollScreen(
	buffer: LineBuffer,
	attributes: Attributes,
	wrapped: boolean,
	history?: LineStore,
): boolean {
	const { lines, ybase, scrollTop, scrollBottom } = buffer;
	changes++;
	moves++;
	if (ybase > 0 || lines.length !== lines.maxLength || lines.length !== buffer._rows) {
		return false;
	}
	noteScrolled();
	const gone = lineOfRow(buffer, scrollTop);
	if (scrollTop === 0 && history !== undefined && gone !== undefined) {
		history.take(gone);
	}
	const height = scrollBottom - scrollTop;
	if (lines.length - 1 - height < height) {
		rotate(lines, scrollTop, scrollBottom);
	} else {
		move(lines, scrollTop + 1, height, -1);
	}
	// After scrolling, xterm.js may still write to the row it leaves, which is this one if the screen is a single row.
	const single = scrollTop === scrollBottom;
	const reusable = !single && gone?.length === buffer._cols && blankBeforeTail(gone, attributes.bg, wrapped);
	lines.set(scrollBottom, reusable ? gone : blankLine(buffer, attributes, wrapped));
	if (!reusable && !single) {
		release(gone);
	}
	return true;
}

/** Moves the rows of a region up by one, the first of which is lost, by moving those of the whole screen and the others back. */
function rotate(lines: Lines, top: number, bottom: number): void {
	const first = lines._array[lines._startIndex];
	// As `recycle`, which also tells those who keep markers, as nobody does.
	lines._startIndex = lines._startIndex + 1 === lines.maxLength ? 0 : lines._startIndex + 1;
	move(lines, bottom, lines.length - 1 - bottom, 1);
	if (top > 0) {
		move(lines, 0, top - 1, 1);
		lines.set(0, first);
	}
}

/** Moves lines within the list, which does not grow. */
function move(lines: Lines, start: number, count: number, offset: number): void {
	if (count === 0) {
		return;
	}
	changes++;
	moves++;
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
