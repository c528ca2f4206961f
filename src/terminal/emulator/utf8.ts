/**
 * Prepares bytes for xterm.js, which drops malformed UTF-8 where the stock emulator shows U+FFFD, and does not support all
 * C1 controls (protocol §5.2).
 */
import { isUtf8 } from "node:buffer";

const EMPTY = new Uint8Array();
const REPLACEMENT = [0xef, 0xbf, 0xbd] as const;
const MAX_CODE_POINT = 0x10ffff;

/** One filter per stream: a character may be split across chunks. */
export class Utf8Filter {
	/** The incomplete character at the end of the previous chunk. */
	#held: Uint8Array = EMPTY;

	/**
	 * Returns well-formed UTF-8 for the bytes so far, except for an incomplete character at the end, which is held back.
	 * `chunk` is neither modified nor retained.
	 */
	filter(chunk: Uint8Array): Uint8Array {
		const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
		const end = bytes.length - incompleteTail(bytes);
		const whole = end === bytes.length ? bytes : bytes.subarray(0, end);
		// A copy, since the caller reads the next chunk into the same buffer (a Buffer's `slice` would be a view).
		this.#held = end === bytes.length ? EMPTY : new Uint8Array(bytes.subarray(end));
		return spellOutC1(isUtf8(whole) ? whole : repair(whole));
	}
}

/** The first byte of U+0080 to U+00BF, of which the first half are the C1 controls. */
const C1_LEAD = 0xc2;
const C1_END = 0xa0;
const ESCAPE = 0x1b;
/** Distance from a C1 control to the final byte of the equivalent escape sequence (ECMA-48, 5.3). */
const C1_TO_FINAL = 0x40;

/** `bytes`, or a copy in which C1 controls are replaced by escape sequences. */
function spellOutC1(bytes: Uint8Array): Uint8Array {
	let out = bytes;
	for (let at = bytes.indexOf(C1_LEAD); at >= 0; at = bytes.indexOf(C1_LEAD, at + 2)) {
		const second = bytes[at + 1] ?? C1_END;
		if (second >= C1_END) {
			continue;
		}
		if (out === bytes) {
			out = new Uint8Array(bytes);
		}
		out[at] = ESCAPE;
		out[at + 1] = second - C1_TO_FINAL;
	}
	return out;
}

function repair(bytes: Uint8Array): Uint8Array {
	// Each byte yields at most one U+FFFD.
	const out = new Uint8Array(bytes.length * REPLACEMENT.length);
	let length = 0;
	for (let index = 0; index < bytes.length; ) {
		const { valid, used } = decodeAt(bytes, index);
		const text = valid ? bytes.subarray(index, index + used) : REPLACEMENT;
		out.set(text, length);
		length += text.length;
		index += used;
	}
	return out.subarray(0, length);
}

/** Length of the sequence started by a lead byte, including the forms of 5 and 6 bytes that glibc still reads; 0: not a lead byte. */
function sequenceLength(lead: number): number {
	if (lead < 0x80) {
		return 1;
	}
	if (lead < 0xc2) {
		return 0;
	}
	if (lead < 0xe0) {
		return 2;
	}
	if (lead < 0xf0) {
		return 3;
	}
	if (lead < 0xf8) {
		return 4;
	}
	if (lead < 0xfc) {
		return 5;
	}
	return lead < 0xfe ? 6 : 0;
}

function isContinuation(byte: number | undefined): boolean {
	return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Number of bytes at the end that may be the start of a character. */
function incompleteTail(bytes: Uint8Array): number {
	const last = bytes[bytes.length - 1];
	if (last === undefined || last < 0x80) {
		return 0;
	}
	for (let back = 1; back <= 5 && back <= bytes.length; back++) {
		const byte = bytes[bytes.length - back] ?? 0;
		if (!isContinuation(byte)) {
			return sequenceLength(byte) > back ? back : 0;
		}
	}
	return 0;
}

/**
 * Whether a valid character starts at `index`, and how many bytes it or the malformed sequence takes. The offending byte is
 * examined again; in a complete but forbidden sequence (overlong, surrogate) that is the last one; above U+10FFFF the whole
 * sequence is one error.
 */
function decodeAt(bytes: Uint8Array, index: number): { valid: boolean; used: number } {
	const lead = bytes[index] ?? 0;
	const length = sequenceLength(lead);
	if (length < 2) {
		return { valid: length === 1, used: 1 };
	}
	let codePoint = lead & (0x7f >> length);
	let used = 1;
	while (used < length && isContinuation(bytes[index + used])) {
		codePoint = (codePoint << 6) | ((bytes[index + used] ?? 0) & 0x3f);
		used++;
	}
	if (used < length || codePoint > MAX_CODE_POINT) {
		return { valid: false, used };
	}
	const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
	const overlong = codePoint < (SMALLEST[length] ?? 0);
	return overlong || surrogate ? { valid: false, used: used - 1 } : { valid: true, used };
}

/** The first code point that needs a sequence of this many bytes. */
const SMALLEST = [0, 0, 0x80, 0x800, 0x10000, 0x200000, 0x4000000] as const;
