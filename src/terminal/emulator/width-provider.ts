/**
 * Provides character widths to xterm.js, per code point as in the client's emulator (protocol §5.5), and decides which
 * cell a combining mark joins.
 */
import type { IUnicodeVersionProvider, Terminal } from "@xterm/headless";
import { MAX_CELL_BYTES } from "../screen/row.js";
import { codePointWidth } from "../screen/width.js";
import {
	CELL,
	type Core,
	HAS_CONTENT,
	type LineBuffer,
	WIDTH_SHIFT as WORD_WIDTH_SHIFT,
} from "./internals.js";
import { readableLine } from "./shared-lines.js";

/** Without the internals, which let a cell take no more than the client's: further marks get cells of their own. */
const MAX_MARKS = MAX_CELL_BYTES - 1;

/** A character's properties as packed by xterm.js: bit 0: joins the previous cell, bits 1-2: width, the rest is free. */
const JOIN = 1;
const WIDTH_SHIFT = 1;
const WIDTH_MASK = 3;
const MARKS_SHIFT = 3;
const NARROW = 1 << WIDTH_SHIFT;
/** A mark in a cell of its own, which further ones join. Unlike a narrow character, REP does not repeat it. */
const LONE_MARK = NARROW | (1 << MARKS_SHIFT);

export class WidthProvider implements IUnicodeVersionProvider {
	readonly version = "wcwidth";
	readonly #terminal: Terminal;
	readonly #core: Core | undefined;

	constructor(terminal: Terminal, core?: Core) {
		this.#terminal = terminal;
		this.#core = core;
	}

	/** Unprintable code points take one column: the screen shows them as U+FFFD, which has the same width everywhere. */
	wcwidth(codePoint: number): 0 | 1 | 2 {
		const width = codePointWidth(codePoint);
		return width < 0 ? 1 : (width as 0 | 1 | 2);
	}

	/** `preceding` is the result for the previous character, or 0 if there was a control in between. */
	charProperties(codePoint: number, preceding: number): number {
		if (codePoint < 0x7f) {
			return NARROW;
		}
		const width = this.wcwidth(codePoint);
		if (width > 0) {
			return width << WIDTH_SHIFT;
		}
		if (this.#core !== undefined) {
			const joins = preceding !== 0 || followsText(this.#core._inputHandler._activeBuffer);
			return joins ? (preceding & (WIDTH_MASK << WIDTH_SHIFT)) | JOIN : LONE_MARK;
		}
		const marks = preceding >> MARKS_SHIFT;
		if (preceding === 0) {
			return this.#followsText() ? JOIN : LONE_MARK;
		}
		if (marks >= MAX_MARKS) {
			return LONE_MARK;
		}
		return ((marks + 1) << MARKS_SHIFT) | (preceding & (WIDTH_MASK << WIDTH_SHIFT)) | JOIN;
	}

	/**
	 * After an escape sequence xterm.js no longer knows the last character printed. It is nearly always the text to the left
	 * of the cursor; if there is none, the mark gets a cell of its own, as on the client.
	 */
	#followsText(): boolean {
		const buffer = this.#terminal.buffer.active;
		const line = buffer.getLine(buffer.baseY + buffer.cursorY);
		const left = line?.getCell(buffer.cursorX - 1);
		const text = left?.getWidth() === 0 ? line?.getCell(buffer.cursorX - 2) : left;
		const length = text?.getChars().length ?? 0;
		return length > 0 && length <= MAX_MARKS;
	}
}

/** The same, from the words of the line. */
function followsText(buffer: LineBuffer): boolean {
	const line = readableLine(buffer, buffer.y);
	if (line === undefined) {
		return false;
	}
	const { _data: data } = line;
	const left = data[(buffer.x - 1) * CELL] ?? 0;
	const text = left >>> WORD_WIDTH_SHIFT === 0 ? (data[(buffer.x - 2) * CELL] ?? 0) : left;
	return (text & HAS_CONTENT) !== 0;
}
