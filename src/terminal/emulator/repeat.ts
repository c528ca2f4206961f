/**
 * REP, which repeats the last character printed. xterm.js prints each repetition, which takes 150 µs for a line of 1000
 * columns and eight bytes of output; here the cell is copied, with the same result.
 */

import { codePointWidth } from "../screen/width.js";
import { copyCell } from "./cell-moves.js";
import {
	CELL,
	CODE_POINT_BITS,
	COMBINED_BIT,
	type Core,
	HAS_CONTENT,
	type InputHandler,
	type Line,
	lineOfRow,
	WIDTH_SHIFT,
} from "./internals.js";
import { notePrintedHere } from "./marks.js";
import { notePrinted, repeatToEnd } from "./repeated-tail.js";
import { isShared, noteChange, readableLine } from "./shared-lines.js";

/** The character to be repeated, where xterm.js prints it. */
const character = new Uint32Array(1);

/** Properties of a character of one column that did not join the one before (WidthProvider). */
const NARROW = 2;

export function takeOverRepeat(core: Core): void {
	core.registerCsiHandler({ final: "b" }, ({ params }) => {
		repeat(core, params[0] || 1);
		return true;
	});
	const handler = core._inputHandler;
	const { print } = handler;
	handler.print = (codePoints, from, to) => {
		if (from < to) {
			leaveFilledRow(core, codePoints[from] ?? 0);
		}
		print.call(handler, codePoints, from, to);
		const buffer = handler._activeBuffer;
		if (!core.coreService.modes.insertMode) {
			notePrinted(lineOfRow(buffer, buffer.y), buffer.x);
		}
	};
}

/** Wraps as xterm.js is about to, but without accessing the row it leaves, which would complete that row. */
function leaveFilledRow({ _inputHandler: handler, coreService }: Core, codePoint: number): void {
	const buffer = handler._activeBuffer;
	if (buffer.x < buffer._cols || lineOfRow(buffer, buffer.y)?.repeatedTail === undefined) {
		return;
	}
	const joins = codePointWidth(codePoint) === 0;
	if (joins || !coreService.decPrivateModes.wraparound) {
		return;
	}
	buffer.x = 0;
	if (buffer.y === buffer.scrollBottom) {
		handler._bufferService.scroll(handler._eraseAttrData(), true);
		return;
	}
	buffer.y = Math.min(buffer.y + 1, buffer._rows - 1);
	const line = buffer.lines.get(buffer.ybase + buffer.y);
	if (line !== undefined) {
		line.isWrapped = true;
	}
}

/**
 * The stock emulator ignores REP; programs use it as in terminfo (`rep`), for a character of one column and within a row.
 * Therefore no other characters are repeated, none more often than a row has columns, and none in insert mode, where each
 * repetition would move the rest of the row.
 */
function repeat({ coreService, _inputHandler: handler }: Core, count: number): void {
	if (coreService.modes.insertMode || handler._parser.precedingJoinState !== NARROW) {
		return;
	}
	const buffer = handler._activeBuffer;
	const columns = buffer._cols;
	let left = Math.min(count, columns);
	// Without wraparound, further repetitions overwrite the last cell.
	if (!coreService.decPrivateModes.wraparound) {
		left = Math.min(left, columns - buffer.x);
	}
	noteChange();
	let line = readableLine(buffer, buffer.y);
	let word = line?._data[(buffer.x - 1) * CELL] ?? 0;
	character[0] = word & CODE_POINT_BITS;
	while (left > 0 && line !== undefined && isPlain(word)) {
		// Left to xterm.js: wrapping, a shared line, and a character whose rendition is no longer the current one.
		if (buffer.x >= columns || isShared(line) || !inCurrentRendition(handler, line, buffer.x - 1)) {
			handler.print(character, 0, 1);
			left--;
			line = readableLine(buffer, buffer.y);
			word = line?._data[(buffer.x - 1) * CELL] ?? 0;
			continue;
		}
		const copies = Math.min(left, columns - buffer.x);
		const toEnd = buffer.x + copies === columns && line.length === columns;
		line.known = undefined;
		line.blankFrom = undefined;
		if (!toEnd || !repeatToEnd(line, buffer.x)) {
			copyCell(line, buffer.x - 1, copies);
		}
		buffer.x += copies;
		left -= copies;
		notePrinted(line, buffer.x);
		if (buffer.x < columns) {
			blankSecondHalf(handler, line, buffer.x);
		}
	}
	notePrintedHere(handler);
}

/** Whether a content word is a character of one column and one code point. */
function isPlain(word: number): boolean {
	return word >>> WIDTH_SHIFT === 1 && (word & COMBINED_BIT) === 0 && (word & CODE_POINT_BITS) !== 0;
}

function inCurrentRendition({ _curAttrData: { fg, bg } }: InputHandler, line: Line, column: number): boolean {
	const { _data: data } = line;
	return data[column * CELL + 1] === fg >>> 0 && data[column * CELL + 2] === bg >>> 0;
}

/** Blanks the second half of a wide character whose first half has been overwritten. */
function blankSecondHalf(handler: InputHandler, line: Line, column: number): void {
	const content = line._data[column * CELL] ?? 0;
	if (content >>> WIDTH_SHIFT === 0 && (content & HAS_CONTENT) === 0) {
		line.setCellFromCodepoint(column, 0, 1, handler._curAttrData);
	}
}
