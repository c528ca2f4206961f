/**
 * Has a client set its clipboard again when a program copies the same text again. A client does so when the text in the screen
 * changes. So that it does, the screen first gets a text that is none.
 */
import type { Screen } from "../../terminal/index.js";

/**
 * Not base64: terminals ignore it, xterm empties the selection. Twice as long every other time, so that a confirmation of one
 * is not taken for that of the next.
 */
const NO_TEXT = "!";

export class ClipboardRelay {
	#copies: number;
	#text: string;
	/** What is shown instead until the client has it. */
	#interlude: string | undefined;
	#lastInterlude = NO_TEXT;
	#finished = false;

	/** @param past what a client that comes later does not get */
	constructor({ copies, clipboard }: Pick<Screen, "copies" | "clipboard">) {
		this.#copies = copies;
		this.#text = clipboard;
	}

	/**
	 * The screen to send.
	 * @param newest the program's
	 * @param confirmed the newest that the client has confirmed
	 */
	relayed(newest: Screen, confirmed: Screen): Screen {
		if (this.#finished) {
			return newest;
		}
		this.#note(newest);
		if (confirmed.clipboard === this.#interlude) {
			this.#interlude = undefined;
		}
		return this.#interlude === undefined ? newest : { ...newest, clipboard: this.#interlude };
	}

	/** The session ends: there will be no time to wait for a confirmation. */
	finish(): void {
		this.#finished = true;
	}

	#note({ copies, clipboard }: Screen): void {
		const copied = copies !== this.#copies;
		this.#copies = copies;
		if (clipboard !== this.#text) {
			this.#text = clipboard;
			this.#interlude = undefined;
		} else if (copied && this.#interlude === undefined) {
			this.#interlude = this.#lastInterlude === NO_TEXT ? NO_TEXT + NO_TEXT : NO_TEXT;
			this.#lastInterlude = this.#interlude;
		}
	}
}
