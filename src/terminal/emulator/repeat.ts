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
	EXTENDED_BIT,
	HAS_CONTENT,
	type InputHandler,
	type Line,
	lineOfRow,
	WIDTH_SHIFT,
} from "./internals.js";
import { notePrintedHere } from "./marks.js";
import { completeLine, notePrinted, repeatLater } from "./repeated-tail.js";
import { isShared, noteChange, startedLine } from "./shared-lines.js";

/** The character to be repeated, where xterm.js prints it. */
const character = new Uint32Array(1);

/** Properties of a character of one column that did not join the one before (WidthProvider). */
const NARROW = 2;

const SPACE = 0x20;
const DELETE = 0x7f;

export function takeOverRepeat(core: Core): void {
	core.registerCsiHandler({ final: "b" }, ({ params }) => {
		repeat(core, params[0] || 1);
		return true;
	});
	const handler = core._inputHandler;
	const { print } = handler;
	handler.print = (codePoints, from, to) => {
		const first = codePoints[from] ?? 0;
		if (to - from === 1 && repeatOnceMore(core, first)) {
			return;
		}
		if (from < to) {
			leaveFilledRow(core, first);
		}
		print.call(handler, codePoints, from, to);
		const buffer = handler._activeBuffer;
		if (!core.coreService.modes.insertMode) {
			notePrinted(lineOfRow(buffer, buffer.y), buffer.x);
		}
	};
}

/** Wraps as xterm.js is about to, but accesses neither the row it leaves, which would complete that row, nor the next one twice. */
export function leaveFilledRow({ _inputHandler: handler, coreService }: Core, codePoint: number): void {
	const buffer = handler._activeBuffer;
	if (buffer.x < buffer._cols) {
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
		notePrinted(line, 0);
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
	while (left > 0) {
		const line = startedLine(buffer, buffer.y);
		if (line === undefined) {
			break;
		}
		const column = repeatedColumn(line, buffer.x);
		const word = line._data[column * CELL] ?? 0;
		if (!isPlain(word)) {
			break;
		}
		// Left to xterm.js: wrapping, a shared line, and a character whose rendition is no longer the current one.
		if (buffer.x >= columns || isShared(line) || !inCurrentRendition(handler, line, column)) {
			character[0] = word & CODE_POINT_BITS;
			handler.print(character, 0, 1);
			left--;
			continue;
		}
		const end = buffer.x + Math.min(left, columns - buffer.x);
		left -= end - buffer.x;
		if (line.length !== columns || !repeatLater(line, buffer.x, end)) {
			completeLine(line);
			line.known = undefined;
			line.blankFrom = undefined;
			copyCell(line, buffer.x - 1, end - buffer.x);
			notePrinted(line, end);
		}
		buffer.x = end;
		if (end < columns && line.repeatedTail === undefined) {
			blankSecondHalf(handler, line, end);
		}
	}
	notePrintedHere(handler);
}

/** Where the character before the cursor is that REP repeats: cells that repeat another are not written yet. */
function repeatedColumn({ repeatedTail: tail }: Line, x: number): number {
	return tail !== undefined && x >= tail.from && x <= tail.to ? tail.from - 1 : x - 1;
}

/**
 * Prints a character where it has just been repeated, as one repetition more, if it is the same. All that insert mode would move is
 * blank.
 */
function repeatOnceMore({ _inputHandler: handler }: Core, codePoint: number): boolean {
	const buffer = handler._activeBuffer;
	const line = lineOfRow(buffer, buffer.y);
	const tail = line?.repeatedTail;
	if (line === undefined || tail === undefined || tail.to !== buffer.x || buffer.x >= buffer._cols) {
		return false;
	}
	const column = tail.from - 1;
	const word = line._data[column * CELL];
	const background = line._data[column * CELL + 2] ?? 0;
	const same = word === (codePoint | (1 << WIDTH_SHIFT)) && (background & EXTENDED_BIT) === 0;
	if (!same || !isAscii(codePoint) || !inCurrentRendition(handler, line, column)) {
		return false;
	}
	if (handler._charsetService.charset !== undefined) {
		return false;
	}
	noteChange();
	repeatLater(line, buffer.x, buffer.x + 1);
	buffer.x++;
	handler._parser.precedingJoinState = NARROW;
	notePrintedHere(handler);
	return true;
}

function isAscii(codePoint: number): boolean {
	return codePoint >= SPACE && codePoint < DELETE;
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
