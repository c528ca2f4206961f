/**
 * Keeps control strings (OSC, DCS, SOS, PM, APC) short. xterm.js collects up to 10 MB of one for every handler it has,
 * and a program need never end it. Follows xterm.js's parser as far as that tells where a string begins and ends.
 */

/** Bytes kept of a string. The client keeps 16384 code points of an OSC string, and of the others nothing. */
export const MAX_STRING_BYTES = 16_384;

const BEL = 0x07;
const CANCEL = 0x18;
const SUBSTITUTE = 0x1a;
const ESCAPE = 0x1b;
const SPACE = 0x20;
const DELETE = 0x7f;
const FIRST_FINAL = 0x40;

/**
 * Where the next byte belongs: `escape` after ESC, when it tells what begins; `dcsHeader` before the final byte that
 * tells what a DCS string is; `ignored` in SOS, PM and APC; `text` anywhere else.
 */
type Place = "text" | "escape" | "osc" | "dcsHeader" | "dcs" | "ignored";

/** What a byte after ESC begins; anything else is no string. */
const OPENERS: ReadonlyMap<number, Place> = new Map<number, Place>([
	[0x5d, "osc"],
	[0x50, "dcsHeader"],
	[0x58, "ignored"],
	[0x5e, "ignored"],
	[0x5f, "ignored"],
]);

/** One per stream: a string may be split over chunks. */
export class StringLimit {
	#place: Place = "text";
	/** Bytes of the string so far. */
	#length = 0;

	/**
	 * What xterm.js is to see of `chunk`, which is whole UTF-8 characters without C1 controls (see `Utf8Filter`): the
	 * same object where no string in it is too long.
	 */
	filter(chunk: Uint8Array): Uint8Array {
		const first = this.#place === "text" ? chunk.indexOf(ESCAPE) : 0;
		if (first < 0) return chunk;
		const kept: Uint8Array[] = [];
		/** Start of what is not in `kept` yet. */
		let from = 0;
		let at = first;
		while (at < chunk.length) {
			if (this.#place === "text") {
				while (at < chunk.length && chunk[at] !== ESCAPE) at++;
				if (at < chunk.length) this.#place = "escape";
				at++;
			} else if (this.#place === "escape") {
				this.#open(chunk[at++] ?? 0);
			} else {
				const end = this.#endOfString(chunk, at);
				const cut = this.#cut(chunk, at, end);
				if (cut < end) {
					kept.push(chunk.subarray(from, cut));
					from = end;
				}
				this.#length += end - at;
				at = end;
				if (at < chunk.length) this.#leave(chunk[at++] ?? 0);
			}
		}
		if (from === 0) return chunk;
		kept.push(chunk.subarray(from));
		return Buffer.concat(kept);
	}

	#open(byte: number): void {
		// Other controls are carried out within an escape sequence; these three end it, the last to begin another.
		if (byte === CANCEL || byte === SUBSTITUTE) this.#place = "text";
		else if (byte >= SPACE && byte !== DELETE) this.#place = OPENERS.get(byte) ?? "text";
		this.#length = 0;
	}

	#leave(byte: number): void {
		if (byte === ESCAPE) this.#place = "escape";
		else if (this.#place === "dcsHeader" && byte >= FIRST_FINAL && byte < DELETE) this.#place = "dcs";
		else this.#place = "text";
	}

	/** Index of the first byte from `at` on that changes the place. */
	#endOfString(chunk: Uint8Array, at: number): number {
		const place = this.#place;
		// xterm.js takes characters beyond ASCII for the end of these.
		const ascii = place === "ignored" || place === "dcsHeader";
		for (let index = at; index < chunk.length; index++) {
			const byte = chunk[index] ?? 0;
			if (byte === ESCAPE || byte === CANCEL || byte === SUBSTITUTE) return index;
			if (byte === BEL && place === "osc") return index;
			if (byte > DELETE && ascii) return index;
			if (place === "dcsHeader" && byte >= FIRST_FINAL && byte < DELETE) return index;
		}
		return chunk.length;
	}

	/** Where the string that goes on from `at` to `end` is cut, between characters; `end` when it is short enough. */
	#cut(chunk: Uint8Array, at: number, end: number): number {
		let cut = at + Math.max(0, MAX_STRING_BYTES - this.#length);
		while (cut < end && ((chunk[cut] ?? 0) & 0xc0) === 0x80) cut++;
		return Math.min(cut, end);
	}
}
