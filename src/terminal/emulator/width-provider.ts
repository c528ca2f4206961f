/**
 * Provides character widths to xterm.js, per code point as in the client's emulator (protocol §5.5), and decides which
 * cell a combining mark joins.
 */
import type { IUnicodeVersionProvider, Terminal } from "@xterm/headless";
import { codePointWidth } from "../screen/width.js";

/** The client keeps 32 bytes of text in a cell, xterm.js any amount: further marks get cells of their own. */
const MAX_MARKS = 31;

/** A character's properties as packed by xterm.js: bit 0: joins the previous cell, bits 1-2: width, the rest is free. */
const JOIN = 1;
const WIDTH_SHIFT = 1;
const WIDTH_MASK = 3;
const MARKS_SHIFT = 3;
const NARROW = 1 << WIDTH_SHIFT;

export class WidthProvider implements IUnicodeVersionProvider {
	readonly version = "wcwidth";
	readonly #terminal: Terminal;

	constructor(terminal: Terminal) {
		this.#terminal = terminal;
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
		const marks = preceding >> MARKS_SHIFT;
		if (preceding === 0) {
			return this.#followsText() ? JOIN : 0;
		}
		if (marks >= MAX_MARKS) {
			return 0;
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
