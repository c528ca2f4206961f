/** A session's key and its text form in `MOSH CONNECT port key` (protocol §1.2). */

import { randomBytes } from "node:crypto";
import { SspError } from "../errors.js";

export const KEY_LENGTH = 16;

/**
 * 22 characters carry 132 bits. The spare four are zero, so only four last characters are possible. Base64 decoders are
 * more lenient than the stock client, hence the pattern.
 */
const KEY_TEXT = /^[A-Za-z0-9+/]{21}[AQgw]$/;

/** A new key: 16 bytes from the system's random generator. */
export function generateKey(): Uint8Array {
	return randomBytes(KEY_LENGTH);
}

/** The 22-character text form: base64 without its padding. Throws `SspError` unless given 16 bytes. */
export function formatKey(key: Uint8Array): string {
	if (key.length !== KEY_LENGTH) {
		throw new SspError("bad-key", `A key is ${KEY_LENGTH} bytes long.`);
	}
	return Buffer.from(key.buffer, key.byteOffset, key.length).toString("base64").slice(0, 22);
}

/** The 16 bytes of a key in text form. Throws `SspError` for any text `formatKey` cannot have written. */
export function parseKey(text: string): Uint8Array {
	if (!KEY_TEXT.test(text)) {
		throw new SspError(
			"bad-key",
			"A key is written as 22 base64 characters with the last one of A, Q, g, w.",
		);
	}
	return new Uint8Array(Buffer.from(text, "base64"));
}
