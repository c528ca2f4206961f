/** Screen modes that xterm.js does not expose, or does not treat as the client does (protocol §5.7). */
import type { IParser } from "@xterm/headless";

export const MOUSE_MODES = [9, 1000, 1001, 1002, 1003] as const;
export const MOUSE_ENCODINGS = [1005, 1006, 1015] as const;

/** DEC private mode number of the requested mouse reports; 0: none. */
export type MouseMode = 0 | (typeof MOUSE_MODES)[number];
/** DEC private mode number of their encoding; 0: the default. */
export type MouseEncoding = 0 | (typeof MOUSE_ENCODINGS)[number];

export class Modes {
	cursorVisible = true;
	reverseVideo = false;
	bracketedPaste = false;
	focusReports = false;
	alternateScroll = false;
	mouseMode: MouseMode = 0;
	mouseEncoding: MouseEncoding = 0;

	/** Tracks the modes a program sets; xterm.js still handles each of them itself. */
	constructor(parser: IParser) {
		parser.registerCsiHandler({ prefix: "?", final: "h" }, (parameters) => this.#setAll(parameters, true));
		parser.registerCsiHandler({ prefix: "?", final: "l" }, (parameters) => this.#setAll(parameters, false));
		parser.registerCsiHandler({ intermediates: "!", final: "p" }, () => {
			this.cursorVisible = true;
			return false;
		});
		parser.registerEscHandler({ final: "c" }, () => {
			Object.assign(this, INITIAL);
			return false;
		});
	}

	#setAll(parameters: readonly (number | readonly number[])[], on: boolean): boolean {
		for (const mode of parameters) {
			if (typeof mode === "number") {
				this.#set(mode, on);
			}
		}
		return false;
	}

	#set(mode: number, on: boolean): void {
		const mouseMode = MOUSE_MODES.find((known) => known === mode);
		const mouseEncoding = MOUSE_ENCODINGS.find((known) => known === mode);
		if (mouseMode !== undefined) {
			this.mouseMode = on ? mouseMode : 0;
		} else if (mouseEncoding !== undefined) {
			this.mouseEncoding = on ? mouseEncoding : 0;
		} else if (mode === 5) {
			this.reverseVideo = on;
		} else if (mode === 25) {
			this.cursorVisible = on;
		} else if (mode === 1004) {
			this.focusReports = on;
		} else if (mode === 1007) {
			this.alternateScroll = on;
		} else if (mode === 2004) {
			this.bracketedPaste = on;
		}
	}
}

const INITIAL = {
	cursorVisible: true,
	reverseVideo: false,
	bracketedPaste: false,
	focusReports: false,
	alternateScroll: false,
	mouseMode: 0,
	mouseEncoding: 0,
} as const;
