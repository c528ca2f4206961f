/** The stock mosh-client 1.4.0's terminal emulator, as protocol §5 describes it: an oracle for hoststrings. */

import { Utf8Decoder } from "./decoder.js";
import { Framebuffer } from "./framebuffer.js";
import {
	controlFunctions,
	csiFunctions,
	escapeFunctions,
	type FunctionContext,
	parseParameters,
	runOsc,
	wrapKeepers,
} from "./functions.js";
import { Parser, type ParserActions } from "./parser.js";
import { type ModelScreen, pictureOf } from "./screen.js";
import { type CodePointWidth, displayWidth, glibcWidth } from "./width.js";

export interface StockEmulatorOptions {
	/** The client's C library's wcwidth; glibc 2.36 unless told. */
	readonly wcwidth?: CodePointWidth;
}

/**
 * Written from docs/protocol.md alone and sharing no code with `src`, so that agreement means something.
 * Test-only: clear rather than fast.
 */
export class StockEmulator implements ParserActions {
	/** Answers to DA, DSR and the like. One in a hoststring makes the real client abort (protocol §4.2). */
	readonly replies: Uint8Array[] = [];
	private readonly wcwidth: CodePointWidth;
	private buffer: Framebuffer;
	private decoder = new Utf8Decoder();
	private parser = new Parser(this);

	constructor(columns: number, rows: number, options: StockEmulatorOptions = {}) {
		this.wcwidth = options.wcwidth ?? glibcWidth;
		this.buffer = new Framebuffer(columns, rows);
	}

	/** False inside an escape sequence or a character, where a hoststring must never end. */
	get parserInGround(): boolean {
		return this.parser.inGround && !this.decoder.pending;
	}

	write(bytes: Uint8Array): void {
		for (const byte of bytes) {
			this.decoder.push(byte, (codePoint) => this.parser.input(codePoint));
		}
	}

	/** Protocol §5.13. Both sizes at least 1. */
	resize(columns: number, rows: number): void {
		this.buffer.resize(columns, rows);
	}

	/** An independent emulator in the same state; its replies start empty. */
	clone(): StockEmulator {
		const copy = new StockEmulator(1, 1, { wcwidth: this.wcwidth });
		copy.buffer = this.buffer.clone();
		copy.decoder = this.decoder.clone();
		copy.parser = this.parser.cloneFor(copy);
		return copy;
	}

	screen(): ModelScreen {
		return pictureOf(this.buffer);
	}

	/** What the client's drawing works on; not to be changed. */
	get framebuffer(): Readonly<Framebuffer> {
		return this.buffer;
	}

	/** For the parser only, like the following four. */
	print(codePoint: number): void {
		const width = displayWidth(codePoint, this.wcwidth);
		const text = String.fromCodePoint(codePoint);
		if (width === 0) {
			this.buffer.combine(text);
		} else if (width > 0) {
			this.buffer.printCharacter(text, width);
		}
	}

	execute(control: number): void {
		// A C1 control is the escape sequence with the letter 0x40 below it.
		if (control >= 0x80) {
			this.escape(String.fromCharCode(control - 0x40));
			return;
		}
		if (!wrapKeepers.controls.has(control)) {
			this.buffer.pendingWrap = false;
		}
		controlFunctions.get(control)?.(this.context(""));
	}

	escape(function_: string): void {
		this.buffer.pendingWrap = false;
		escapeFunctions.get(function_)?.(this.context(""));
	}

	csi(parameters: string, function_: string): void {
		if (!wrapKeepers.csi.has(function_)) {
			this.buffer.pendingWrap = false;
		}
		csiFunctions.get(function_)?.(this.context(parameters));
	}

	osc(command: string): void {
		runOsc(this.buffer, command);
	}

	private context(parameters: string): FunctionContext {
		return {
			screen: this.buffer,
			parameters: parseParameters(parameters),
			reply: (text) => void this.replies.push(Buffer.from(text)),
		};
	}
}
