/**
 * Translates cursor keys for the program. The client keeps the outer terminal in application cursor mode, so arrows, Home and
 * End arrive as ESC O A..D, H, F; a program that has not enabled that mode gets ESC [ A..D, H, F (protocol §5.9).
 */

const ESC = 0x1b;
const LETTER_O = 0x4f;
const OPEN_BRACKET = 0x5b;
/** Final bytes: up, down, right, left, End, Home. */
const CURSOR_KEYS: readonly number[] = [0x41, 0x42, 0x43, 0x44, 0x46, 0x48];

type Stage = "plain" | "escape" | "ss3";

/** Keeps state between calls: a key may arrive split across several client states. */
export class KeyTranslator {
	#stage: Stage = "plain";

	/**
	 * Bytes for the pty. An `O` after ESC is held back until the next byte decides, as upstream does, so Alt-O alone
	 * delivers only ESC until another key is pressed.
	 */
	translate(bytes: Uint8Array, applicationCursorKeys: boolean): Uint8Array {
		// Every input byte yields at most itself and one held `O`.
		const out = new Uint8Array(bytes.length + 1);
		let length = 0;
		for (const byte of bytes) {
			if (this.#stage === "ss3") {
				const cursorKey = CURSOR_KEYS.includes(byte);
				out[length++] = cursorKey && !applicationCursorKeys ? OPEN_BRACKET : LETTER_O;
				out[length++] = byte;
				this.#stage = "plain";
			} else if (this.#stage === "escape" && byte === LETTER_O) {
				this.#stage = "ss3";
			} else {
				out[length++] = byte;
				this.#stage = this.#stage === "plain" && byte === ESC ? "escape" : "plain";
			}
		}
		return out.subarray(0, length);
	}
}
