/** State set by a program that is not on the screen: titles and their stacks, clipboard and bells (protocol §5.8). */
import type { Terminal } from "@xterm/headless";
import { MAX_STRING_LENGTH } from "./string-limit.js";

/** The client truncates "2;title" to 256 code points. */
const MAX_TITLE = 254;
/** As in xterm. */
const MAX_SAVED_TITLES = 10;
/** Window operations (CSI Ps t) that save and restore titles: 0: both, 1: icon name, 2: title. */
const [SAVE_TITLES, RESTORE_TITLES] = [22, 23];
const [BOTH, ICON_NAME, TITLE] = [0, 1, 2];
/** The client keeps 16384 code points of an OSC string; less "52;c;", and a multiple of 4 so that base64 stays valid. */
const MAX_CLIPBOARD = 16376;
const BASE64_GROUP = 4;
/** "52;", which xterm.js has taken off. */
const CLIPBOARD_NUMBER_LENGTH = 3;
/** How xterm.js identifies an OSC without a number, which means 0. */
const NO_NUMBER = -1;

export class OscState {
	title = "";
	iconName = "";
	clipboard = "";
	/** How often the clipboard has been set. */
	copies = 0;
	bells = 0;
	#savedTitles: string[] = [];
	#savedIconNames: string[] = [];

	/** `terminal` must permit the window operations pushTitle and popTitle. */
	constructor(terminal: Terminal) {
		const { parser } = terminal;
		parser.registerCsiHandler({ final: "t" }, ([operation, which = 0]) => {
			if (operation === SAVE_TITLES) {
				this.#saveTitles(which === BOTH || which === TITLE, which === BOTH || which === ICON_NAME);
			} else if (operation === RESTORE_TITLES) {
				this.#restoreTitles(which === BOTH || which === TITLE, which === BOTH || which === ICON_NAME);
			}
			return true;
		});
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
			this.#savedTitles = [];
			this.#savedIconNames = [];
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

	#saveTitles(title: boolean, iconName: boolean): void {
		if (title) {
			this.#savedTitles = [...this.#savedTitles, this.title].slice(-MAX_SAVED_TITLES);
		}
		if (iconName) {
			this.#savedIconNames = [...this.#savedIconNames, this.iconName].slice(-MAX_SAVED_TITLES);
		}
	}

	#restoreTitles(title: boolean, iconName: boolean): void {
		if (title) {
			this.title = this.#savedTitles.pop() ?? this.title;
		}
		if (iconName) {
			this.iconName = this.#savedIconNames.pop() ?? this.iconName;
		}
	}

	/**
	 * Any selection (xterm's names are c, p, q, s and 0 to 7, or none) becomes the clipboard, the only one that the client
	 * knows.
	 */
	#copy(text: string): boolean {
		const end = text.indexOf(";");
		if (end < 0) {
			return true;
		}
		const data = text.slice(end + 1, end + 1 + MAX_CLIPBOARD);
		const cut = CLIPBOARD_NUMBER_LENGTH + text.length >= MAX_STRING_LENGTH;
		this.clipboard = cut ? data.slice(0, data.length - (data.length % BASE64_GROUP)) : data;
		this.copies++;
		return true;
	}
}
