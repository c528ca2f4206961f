/**
 * Lines whose last cells all repeat the one before them, and say so instead of holding them: a flood of REP fills lines
 * that scroll off before anybody looks at them. The cells are written when somebody does.
 */
import { copyCell } from "./cell-moves.js";
import { type Line, WIDTH_SHIFT } from "./internals.js";

const BLANK = 1 << WIDTH_SHIFT;

/** The line last made blank, its background, and the column from which on nothing has been written to it since. */
let fresh: Line | undefined;
let freshBackground = 0;
let blankFrom = 0;
/** How often any line has been handed out to be written to since, other than to print where `notePrinted` says. */
let handedOut = 0;

/** To be called when a line has been made blank; `already`: how often it has been handed out. */
export function noteBlank(line: Line, background: number, already: 0 | 1): void {
	fresh = line;
	freshBackground = background;
	blankFrom = 0;
	handedOut = already;
}

/** To be called whenever a line is handed out to be written to. Completes the line; what was read of it no longer counts. */
export function noteHandedOut(line: Line): void {
	handedOut++;
	line.known = undefined;
	if (line.repeatedTail !== undefined) completeLine(line);
}

/** To be called when text has been printed in a line, up to but not including `column`, which moved no other cells. */
export function notePrinted(line: Line | undefined, column: number): void {
	if (line !== fresh || handedOut > 1) return;
	handedOut = 0;
	if (column > blankFrom) blankFrom = column;
}

/** Writes the cells that the line only tells of. */
export function completeLine(line: Line): void {
	const { repeatedTail: tail } = line;
	if (tail === undefined) return;
	line.repeatedTail = undefined;
	copyCell(line, tail.from - 1, line.length - tail.from);
}

/**
 * Repeats the cell before `column` to the end of a line that is sure to be blank from there on.
 * @returns false when it is not, and nothing has been done
 */
export function repeatToEnd(line: Line, column: number): boolean {
	if (line !== fresh || handedOut > 0 || column < blankFrom) return false;
	line.known = undefined;
	line.repeatedTail = { from: column, background: freshBackground };
	fresh = undefined;
	return true;
}

/**
 * Makes a line blank that tells of a tail it does not hold: beneath it is blank already.
 * @returns false when the line is another, or of another background, and nothing has been done
 */
export function blankBeforeTail(line: Line, background: number, wrapped: boolean): boolean {
	const { repeatedTail: tail, _data: data } = line;
	if (tail?.background !== background) return false;
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
