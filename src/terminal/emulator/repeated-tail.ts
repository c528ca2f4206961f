/**
 * Lines whose trailing cells repeat the one before them without having been written yet: a flood of REP fills lines that
 * scroll off before they are read. The cells are written when the line is accessed.
 */
import { copyCell } from "./cell-moves.js";
import { type Line, WIDTH_SHIFT } from "./internals.js";
import { completeErase } from "./selective-erase.js";

const BLANK = 1 << WIDTH_SHIFT;

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

/** Writes the trailing cells that are still missing. */
export function completeLine(line: Line): void {
	const { repeatedTail: tail } = line;
	if (tail === undefined) {
		return;
	}
	line.repeatedTail = undefined;
	copyCell(line, tail.from - 1, line.length - tail.from);
}

/**
 * Repeats the cell before `column` up to the end of a line that is known to be blank from there on.
 * @returns false, without doing anything, if it is not known to be
 */
export function repeatToEnd(line: Line, column: number): boolean {
	if (line !== fresh || handedOut > 0 || column < blankFrom) {
		return false;
	}
	line.known = undefined;
	line.repeatedTail = { from: column, background: freshBackground };
	fresh = undefined;
	return true;
}

/**
 * Blanks a line whose repeated tail has not been written: those cells are blank already.
 * @returns false, without doing anything, if the line has no such tail or a different background
 */
export function blankBeforeTail(line: Line, background: number, wrapped: boolean): boolean {
	const { repeatedTail: tail, _data: data } = line;
	if (tail?.background !== background) {
		return false;
	}
	line.repeatedTail = undefined;
	line.known = undefined;
	data[0] = BLANK;
	data[1] = 0;
	data[2] = background;
	line._combined = {};
	line._extendedAttrs = {};
	copyCell(line, 0, tail.from - 1);
	line.isWrapped = wrapped;
	noteBlank(line, background, 0);
	return true;
}
