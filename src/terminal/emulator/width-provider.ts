/**
 * Character widths for xterm.js: per code point, as the client's emulator has them (protocol §5.5), and where
 * combining marks go.
 */
import type { IUnicodeVersionProvider, Terminal } from "@xterm/headless";
import { codePointWidth } from "../screen/width.js";

/**
 * The client keeps 32 bytes of text in a cell; xterm.js keeps everything, so a stream of marks would never end.
 * Further marks start a cell of their own.
 */
const MAX_MARKS = 31;

/** xterm.js packs a character's properties: bit 0 joins the cell before, bits 1-2 width, the rest are free. */
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

	/** Unprintable code points take one column here; the screen shows U+FFFD for them, the same width everywhere. */
	wcwidth(codePoint: number): 0 | 1 | 2 {
		const width = codePointWidth(codePoint);
		return width < 0 ? 1 : (width as 0 | 1 | 2);
	}

	/** `preceding` is what this returned for the character before, 0 when a control came in between. */
	charProperties(codePoint: number, preceding: number): number {
		if (codePoint < 0x7f) return NARROW;
		const width = this.wcwidth(codePoint);
		if (width > 0) return width << WIDTH_SHIFT;
		const marks = preceding >> MARKS_SHIFT;
		if (preceding === 0) return this.#followsText() ? JOIN : 0;
		if (marks >= MAX_MARKS) return 0;
		return ((marks + 1) << MARKS_SHIFT) | (preceding & (WIDTH_MASK << WIDTH_SHIFT)) | JOIN;
	}

	/**
	 * After an escape sequence xterm.js no longer knows the last character printed. The text left of the cursor is
	 * nearly always it; with none there the mark gets a cell of its own, as on the client.
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
