/**
 * Lossless conversion between bytes and strings, for arguments and variables, which need not be UTF-8. Each byte that is not
 * part of UTF-8 text becomes one character of U+DC80–U+DCFF; these cannot occur in UTF-8 text, so the conversion is reversible.
 */

import { isUtf8 } from "node:buffer";

/** A well-formed UTF-8 sequence (Unicode 15, table 3-7), otherwise a single byte. */
const SEQUENCES =
	/[\0-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;
/** With the `u` flag a surrogate pair is one character, so that only lone surrogates match. */
const ESCAPED = /[\udc80-\udcff]/gu;
const ESCAPE = 0xdc00;

export function textOf(bytes: Uint8Array): string {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (isUtf8(buffer)) {
		return buffer.toString("utf8");
	}
	return buffer.toString("latin1").replace(SEQUENCES, (part) => {
		if (part.length === 1 && part >= "\x80") {
			return String.fromCharCode(ESCAPE + part.charCodeAt(0));
		}
		return Buffer.from(part, "latin1").toString("utf8");
	});
}

export function bytesOf(text: string): Buffer {
	if (text.search(ESCAPED) < 0) {
		return Buffer.from(text);
	}
	const parts: Buffer[] = [];
	let from = 0;
	for (const { index } of text.matchAll(ESCAPED)) {
		parts.push(Buffer.from(text.slice(from, index)), Buffer.from([text.charCodeAt(index) - ESCAPE]));
		from = index + 1;
	}
	return Buffer.concat([...parts, Buffer.from(text.slice(from))]);
}

/** UTF-8 text in which the percent sign and each byte that is not UTF-8 are written `%xx`. */
export function percentEncoded(text: string): string {
	return text
		.replaceAll("%", "%25")
		.replaceAll(ESCAPED, (character) => `%${(character.charCodeAt(0) - ESCAPE).toString(16)}`);
}
