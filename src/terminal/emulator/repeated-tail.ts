/**
 * Lines whose last cells repeat the one before them without having been written yet: a flood of REP fills lines that
 * scroll off before they are read. The cells are written when the line is accessed.
 */
import { copyCell, isEmpty } from "./cell-moves.js";
import { CELL, type Line, WIDTH_SHIFT } from "./internals.js";
import { completeErase } from "./selective-erase.js";

const BLANK = 1 << WIDTH_SHIFT;

/** So many are blanked one by one in less time than a call takes that copies many. */
const FEW_CELLS = 10;

/** The line most recently blanked, its background, and the column from which on it has not been written to since. */
let fresh: Line | undefined;
let freshBackground = 0;
let blankFrom = 0;
/** How often lines have been handed out for writing since, apart from the printing reported to `notePrinted`. */
let handedOut = 0;

/** Must be called when a line has been blanked; `already`: how often it has been handed out since. */
export function noteBlank(line: Line, background: number, already: 0 | 1): void {
	fresh = line;
	freshBackground = background;
	blankFrom = 0;
	handedOut = already;
}

/** Must be called whenever a line is handed out for writing. Completes the line and invalidates what was read from it. */
export function noteHandedOut(line: Line): void {
	handedOut++;
	line.known = undefined;
	line.blankFrom = undefined;
	if (line.repeatedTail !== undefined) {
		completeLine(line);
	} else if (line.erasedTo !== undefined) {
		completeErase(line);
	}
}

/** Must be called after printing text that ends before `column` and has moved no other cells. */
export function notePrinted(line: Line | undefined, column: number): void {
	if (line !== fresh || handedOut > 1) {
		return;
	}
	handedOut = 0;
	if (column > blankFrom) {
		blankFrom = column;
	}
}

/** Must be called when a screen scrolls, which hands out no line: notes with the line blanked last what is known of it. */
export function noteScrolled(): void {
	if (fresh !== undefined && handedOut === 0 && freshBackground === 0) {
		fresh.blankFrom = blankFrom;
	}
}

/** Writes the cells that are still missing. */
export function completeLine(line: Line): void {
	const { repeatedTail: tail } = line;
	if (tail === undefined) {
		return;
	}
	line.repeatedTail = undefined;
	copyCell(line, tail.from - 1, tail.to - tail.from);
}

/** As `completeLine` unless all cells up to the end of the line are missing. */
export function completeUnlessFull(line: Line): void {
	if (line.repeatedTail !== undefined && line.repeatedTail.to < line.length) {
		completeLine(line);
	}
}

/**
 * Repeats the cell before `column` up to but not including `end` in a line that is known to be blank from `column` on.
 * @returns false, without doing anything, if it is not known to be
 */
export function repeatLater(line: Line, column: number, end: number): boolean {
	const { repeatedTail: tail } = line;
	if (tail !== undefined && tail.to === column && column < line.length) {
		tail.to = end;
	} else if (tail === undefined && line === fresh && handedOut === 0 && column >= blankFrom) {
		line.repeatedTail = { from: column, to: end, background: freshBackground };
	} else {
		return false;
	}
	line.known = undefined;
	line.blankFrom = undefined;
	if (line === fresh) {
		blankFrom = end;
		fresh = end === line.length ? undefined : line;
	}
	return true;
}

/**
 * Blanks a line whose last cells are known to be blank already, as only the text before them or no repeated tail was written.
 * @returns false, without doing anything, if there are none, or they have a different background
 */
export function blankBeforeTail(line: Line, background: number, wrapped: boolean): boolean {
	const { repeatedTail: tail, blankFrom: end } = line;
	const [from, before] = tail === undefined ? [end, 0] : [tail.from, tail.background];
	if (from === undefined || before !== background) {
		return false;
	}
	line.repeatedTail = undefined;
	line.known = undefined;
	line.blankFrom = undefined;
	if (!isEmpty(line._combined) || !isEmpty(line._extendedAttrs)) {
		line._combined = {};
		line._extendedAttrs = {};
	}
	blankTo(line, from, background);
	line.isWrapped = wrapped;
	noteBlank(line, background, 0);
	return true;
}

/** Blanks the first `count` cells, at least one. */
function blankTo(line: Line, count: number, background: number): void {
	const { _data: data } = line;
	const end = Math.min(count, FEW_CELLS) * CELL;
	let at = 0;
	do {
		data[at] = BLANK;
		data[at + 1] = 0;
		data[at + 2] = background;
		at += CELL;
	} while (at < end);
	if (count > FEW_CELLS) {
		copyCell(line, 0, count - 1);
	}
}
