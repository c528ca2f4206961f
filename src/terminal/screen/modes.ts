/** Screen modes that xterm.js does not expose, or does not treat as the client does (protocol §5.7). */
import type { IParser } from "@xterm/headless";

export const MOUSE_MODES = [9, 1000, 1001, 1002, 1003] as const;
export const MOUSE_ENCODINGS = [1005, 1006, 1015] as const;

/** DEC private mode number of the requested mouse reports; 0: none. */
export type MouseMode = 0 | (typeof MOUSE_MODES)[number];
/** DEC private mode number of their encoding; 0: the default. */
export type MouseEncoding = 0 | (typeof MOUSE_ENCODINGS)[number];

/** The parameters of a DECSET or DECRST: the first `length` of `params`. */
export interface ModeList {
	readonly params: ArrayLike<number>;
	readonly length: number;
}

/** Has `follow` called for each DECSET (h) or DECRST (l). */
export type FollowModes = (final: "h" | "l", follow: (modes: ModeList) => void) => void;

export class Modes {
	cursorVisible = true;
	reverseVideo = false;
	bracketedPaste = false;
	focusReports = false;
	alternateScroll = false;
	mouseMode: MouseMode = 0;
	mouseEncoding: MouseEncoding = 0;

	/** Tracks the modes a program sets; xterm.js still handles each of them itself. */
	constructor(parser: IParser, followModes: FollowModes) {
		followModes("h", (modes) => this.#setAll(modes, true));
		followModes("l", (modes) => this.#setAll(modes, false));
		parser.registerCsiHandler({ intermediates: "!", final: "p" }, () => {
			this.cursorVisible = true;
			return false;
		});
		parser.registerEscHandler({ final: "c" }, () => {
			Object.assign(this, INITIAL);
			return false;
		});
	}

	#setAll({ params, length }: ModeList, on: boolean): void {
		for (let index = 0; index < length; index++) {
			this.#set(params[index] ?? 0, on);
		}
	}

	#set(mode: number, on: boolean): void {
		switch (mode) {
			case 5:
				this.reverseVideo = on;
				break;
			case 25:
				this.cursorVisible = on;
				break;
			case 1004:
				this.focusReports = on;
				break;
			case 1007:
				this.alternateScroll = on;
				break;
			case 2004:
				this.bracketedPaste = on;
				break;
			case 9:
			case 1000:
			case 1001:
			case 1002:
			case 1003:
				this.mouseMode = on ? mode : 0;
				break;
			case 1005:
			case 1006:
			case 1015:
				if (on) {
					this.mouseEncoding = mode;
				} else if (this.mouseEncoding === mode) {
					// Programs reset all encodings they do not use, in any order.
					this.mouseEncoding = 0;
				}
				break;
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
