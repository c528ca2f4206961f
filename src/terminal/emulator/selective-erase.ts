/**
 * Erasing all cells of a line but those that a program has protected (DECSCA). xterm.js examines every cell of the screen
 * each time, which took two minutes for 1 MB of `CSI ? 2 J`. Here a whole line is only marked, and its cells are erased when it
 * is accessed.
 */
import { CELL, type Line, WIDTH_SHIFT } from "./internals.js";

/** In a cell's third word. */
const PROTECTED = 1 << 29;
const BLANK = 1 << WIDTH_SHIFT;

export function isProtected({ _data: data }: Line, column: number): boolean {
	return ((data[column * CELL + 2] ?? 0) & PROTECTED) !== 0;
}

/** Marks all of a line to be erased to `background`. An erase that was still due before is overridden. */
export function eraseLater(line: Line, background: number): void {
	line.known = undefined;
	line.blankFrom = undefined;
	line.erasedTo = background;
}

/** Carries out what `eraseLater` has put off. */
export function completeErase(line: Line): void {
	const { erasedTo: background } = line;
	if (background === undefined) {
		return;
	}
	line.erasedTo = undefined;
	eraseUnprotected(line, 0, line.length, background);
}

/** Erases the cells from `first` up to but not including `end`, as xterm.js does. */
export function eraseUnprotected(line: Line, first: number, end: number, background: number): void {
	const { _data: data } = line;
	if (first > 0 && widthAt(line, first - 1) === 2 && !isProtected(line, first - 1)) {
		blank(data, first - 1, background);
	}
	if (end < line.length && widthAt(line, end - 1) === 2 && !isProtected(line, end)) {
		blank(data, end, background);
	}
	const last = Math.min(end, line.length) * CELL;
	for (let at = first * CELL; at < last; at += CELL) {
		const rendition = data[at + 2] as number;
		// Reading takes a third of the time that writing does, and most cells are blank already.
		if (
			(rendition & PROTECTED) === 0 &&
			(data[at] !== BLANK || rendition !== background || data[at + 1] !== 0)
		) {
			data[at] = BLANK;
			data[at + 1] = 0;
			data[at + 2] = background;
		}
	}
}

function widthAt({ _data: data }: Line, column: number): number {
	return (data[column * CELL] ?? 0) >>> WIDTH_SHIFT;
}

function blank(data: Uint32Array, column: number, background: number): void {
	const at = column * CELL;
	data[at] = BLANK;
	data[at + 1] = 0;
	data[at + 2] = background;
}
