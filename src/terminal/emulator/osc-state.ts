/** State set by a program that is not on the screen: titles, clipboard and bells (protocol §5.8). */
import type { Terminal } from "@xterm/headless";

/** The client truncates "2;title" to 256 code points. */
const MAX_TITLE = 254;
/** The client keeps 16384 code points of an OSC string; less "52;c;", and a multiple of 4 so that base64 stays valid. */
const MAX_CLIPBOARD = 16376;
const CLIPBOARD_PREFIX = "c;";
/** How xterm.js identifies an OSC without a number, which means 0. */
const NO_NUMBER = -1;

export class OscState {
	title = "";
	iconName = "";
	clipboard = "";
	bells = 0;

	constructor(terminal: Terminal) {
		const { parser } = terminal;
		parser.registerOscHandler(0, (text) => this.#name(text, true, true));
		parser.registerOscHandler(1, (text) => this.#name(text, true, false));
		parser.registerOscHandler(2, (text) => this.#name(text, false, true));
		parser.registerOscHandler(NO_NUMBER, (text) => text === "" || this.#name(text, true, true));
		// Hyperlinks cannot reach the client; xterm.js would underline them and keep every address.
		parser.registerOscHandler(8, () => true);
		parser.registerOscHandler(52, (text) => this.#copy(text));
		// The icon name and the bells survive a reset on the client as well.
		parser.registerEscHandler({ final: "c" }, () => {
			this.title = "";
			this.clipboard = "";
			return false;
		});
		terminal.onBell(() => {
			this.bells++;
		});
	}

	#name(text: string, icon: boolean, title: boolean): boolean {
		// Slicing first limits the work: a code point has at most two code units.
		const cut = [...text.slice(0, 2 * MAX_TITLE)].slice(0, MAX_TITLE).join("");
		if (icon) {
			this.iconName = cut;
		}
		if (title) {
			this.title = cut;
		}
		return true;
	}

	#copy(text: string): boolean {
		if (text.startsWith(CLIPBOARD_PREFIX)) {
			this.clipboard = text.slice(CLIPBOARD_PREFIX.length, CLIPBOARD_PREFIX.length + MAX_CLIPBOARD);
		}
		return true;
	}
}
