/**
 * Lets keys that send a signal (Ctrl-C, Ctrl-\, Ctrl-Z, or what stty(1) has made of them) through to a terminal whose input is
 * full because its program does not read. In their turn behind a paste they would have no effect until the program reads. When
 * such a terminal processes one of them, it discards what is unread (termios(3), NOFLSH). Here that happens first, and what is
 * still queued counts as unread: a shell must not execute the rest of what was pasted into the program that was interrupted.
 */

import type { PtyWriter } from "./pty-writer.js";

/** The kernel's buffer of one terminal (N_TTY_BUF_SIZE less one). With less input it cannot be full. */
const TERMINAL_BYTES = 4095;
/** A program that is reading will have got to the key by then (ms), and nothing needs to be discarded. */
export const GRACE_MS = 200;
/** Keys typed between two frames of the client. In longer input, such as a paste, only the last bytes can be such keys. */
const KEYS_AT_ONCE = 16;

/** Control characters that occur in text. */
const TEXT = new Set(Buffer.from("\t\n\r\x1b"));
const isKey = (byte: number): boolean => byte > 0 && (byte < 0x20 || byte === 0x7f) && !TEXT.has(byte);

/**
 * Discards what is unread if one of `keys` sends a signal and more than `after` bytes are unread.
 * @returns the key, or 0 if nothing was discarded
 */
export type ClearTerminal = (after: number, keys: readonly number[]) => Promise<number>;

export class SignalKeys {
	readonly #writer: PtyWriter;
	readonly #clear: ClearTerminal;
	/** How much the terminal had accepted when a key was last checked. */
	#checkedAt = 0;
	/** All input from the key that is being watched; empty: none is. */
	#typed: Uint8Array[] = [];
	#timer: NodeJS.Timeout | undefined;

	constructor(writer: PtyWriter, clear: ClearTerminal) {
		this.#writer = writer;
		this.#clear = clear;
	}

	/** To be called with all input, before the writer gets it. */
	typed(bytes: Uint8Array): void {
		if (this.#typed.length > 0) {
			this.#typed.push(bytes);
			return;
		}
		const { accepted, unwritten } = this.#writer;
		if (unwritten === 0 && accepted - this.#checkedAt + bytes.length <= TERMINAL_BYTES) {
			return;
		}
		const start = Math.max(0, bytes.length - KEYS_AT_ONCE);
		const key = bytes.subarray(start).findIndex(isKey);
		if (key >= 0) {
			this.#typed = [bytes.subarray(start + key)];
			this.#timer = setTimeout(() => void this.#check(accepted + unwritten + start + key), GRACE_MS);
		}
	}

	/** To be called before the terminal is closed. */
	stop(): void {
		clearTimeout(this.#timer);
	}

	/** @param position of the key in the whole input */
	async #check(position: number): Promise<void> {
		const writer = this.#writer;
		const keys = Buffer.concat(this.#typed).subarray(0, KEYS_AT_ONCE).filter(isKey);
		// Otherwise the terminal would be full again before the key's turn.
		writer.hold();
		const sent = await this.#clear(Math.max(-1, writer.accepted - position - 1), [...new Set(keys)]);
		const typed = Buffer.concat(this.#typed);
		this.#typed = [];
		if (sent === 0) {
			writer.resume();
		} else {
			writer.restart(typed.subarray(typed.indexOf(sent)));
		}
		this.#checkedAt = writer.accepted;
	}
}
