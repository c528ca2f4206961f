/**
 * Prints text and feeds lines, which is nearly all that a flood of output consists of. xterm.js asks several questions for each
 * character that have the same answer for all of them, and stores it through four objects: that was most of what a flood cost.
 */
import { codePointWidth } from "../screen/width.js";
import {
	CELL,
	type Core,
	EXTENDED_BIT,
	type InputHandler,
	type Line,
	lineOfRow,
	WIDTH_SHIFT,
} from "./internals.js";
import { endWrap } from "./line-functions.js";
import { notePrintedHere } from "./marks.js";
import { leaveFilledRow } from "./repeat.js";
import { notePrinted } from "./repeated-tail.js";

/** No lower character is wide, or joins the one before it. */
const FIRST_SPECIAL = 0x7f;
const NARROW = 1 << WIDTH_SHIFT;
/** The first word of the second cell of a wide character, which has neither width nor text. */
const SECOND_HALF = 0;
/** Properties of the last character by its width, as WidthProvider has them. */
const PROPERTIES_SHIFT = 1;

export function takeOverPlainText(core: Core): void {
	const handler = core._inputHandler;
	const { print } = handler;
	handler.print = (codePoints, from, to) => {
		const rest = isPlain(core, to - from) ? printPlain(core, codePoints, from, to) : from;
		if (rest < to) {
			print.call(handler, codePoints, rest, to);
		}
	};
	handler.lineFeed = () => lineFeed(handler);
}

/** Characters are printed as they are, move no others and leave nothing beside their words; one may be a repetition (repeat.ts). */
function isPlain({ coreService, _inputHandler: handler }: Core, count: number): boolean {
	return (
		coreService.decPrivateModes.wraparound &&
		!coreService.modes.insertMode &&
		handler._charsetService.charset === undefined &&
		(handler._curAttrData.bg & EXTENDED_BIT) === 0 &&
		handler.wrapsFrom === undefined &&
		(count > 1 || lineOfRow(handler._activeBuffer, handler._activeBuffer.y)?.repeatedTail === undefined)
	);
}

/** Prints up to the first character that joins the one before it, and returns the index of that one, or `to`. */
function printPlain(core: Core, codePoints: Uint32Array, from: number, to: number): number {
	const { _inputHandler: handler } = core;
	const buffer = handler._activeBuffer;
	const attributes = handler._curAttrData;
	const { fg, bg } = attributes;
	const end = buffer._cols * CELL;
	if (buffer.x >= buffer._cols) {
		leaveFilledRow(core, codePoints[from] as number);
	}
	let line = buffer.lines.get(buffer.ybase + buffer.y) as Line;
	let at = buffer.x * CELL;
	if (at > 0 && widthAt(line, at - CELL) === 2) {
		line.setCellFromCodepoint(buffer.x - 1, 0, 1, attributes);
	}
	let next = from;
	while (next < to) {
		// A constant, and so is all that V8 checks of it before the loop.
		const data = line._data;
		const stop = Math.min(to, next + (end - at) / CELL);
		for (; next < stop; next++) {
			const code = codePoints[next] as number;
			if (code >= FIRST_SPECIAL) {
				break;
			}
			data[at] = code | NARROW;
			data[at + 1] = fg;
			data[at + 2] = bg;
			at += CELL;
		}
		if (next === to) {
			break;
		}
		const code = codePoints[next] as number;
		const width = widthOf(code);
		if (width === 0) {
			break;
		}
		if (at + width * CELL > end) {
			line = wrap(handler, line, at / CELL);
			at = 0;
			continue;
		}
		data[at] = code | (width << WIDTH_SHIFT);
		data[at + 1] = fg;
		data[at + 2] = bg;
		at += CELL;
		if (width === 2) {
			data[at] = SECOND_HALF;
			data[at + 1] = fg;
			data[at + 2] = bg;
			at += CELL;
		}
		next++;
	}
	if (next === from) {
		return from;
	}
	buffer.x = at / CELL;
	handler._parser.precedingJoinState = widthOf(codePoints[next - 1] as number) << PROPERTIES_SHIFT;
	if (at < end && line._data[at] === SECOND_HALF) {
		line.setCellFromCodepoint(buffer.x, 0, 1, attributes);
	}
	notePrinted(line, buffer.x);
	notePrintedHere(handler);
	return next;
}

/** What is not printable takes a column. */
function widthOf(codePoint: number): number {
	return Math.abs(codePointWidth(codePoint));
}

function widthAt({ _data: data }: Line, at: number): number {
	return (data[at] as number) >>> WIDTH_SHIFT;
}

/** Goes on in the next row, which is returned, from `left`, which has been written to as far as column `x`. */
function wrap(handler: InputHandler, left: Line, x: number): Line {
	const buffer = handler._activeBuffer;
	notePrinted(left, buffer._cols);
	if (buffer.y === buffer.scrollBottom) {
		handler._bufferService.scroll(handler._eraseAttrData(), true);
	} else {
		buffer.y = Math.min(buffer.y + 1, buffer._rows - 1);
	}
	const line = buffer.lines.get(buffer.ybase + buffer.y) as Line;
	line.isWrapped = true;
	// A wide character would not fit.
	for (let column = x; column < buffer._cols; column++) {
		left.setCellFromCodepoint(column, 0, 1, handler._curAttrData);
	}
	return line;
}

function lineFeed(handler: InputHandler): boolean {
	const buffer = handler._activeBuffer;
	if (buffer.y === buffer.scrollBottom) {
		handler._bufferService.scroll(handler._eraseAttrData());
	} else if (buffer.y < buffer._rows - 1) {
		buffer.y++;
		endWrap(buffer, buffer.y);
	}
	buffer.x = Math.min(buffer.x, buffer._cols - 1);
	return true;
}
