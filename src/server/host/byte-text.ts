/**
 * Arguments and variables are bytes to the kernel and need not be UTF-8. Here each byte that is not part of UTF-8 text becomes
 * one character of U+DC80–U+DCFF, which no UTF-8 text has, so that everything comes out again as it went in.
 */

import { isUtf8 } from "node:buffer";

/** Well-formed sequences (Unicode 15, table 3-7), or else a single byte. */
const SEQUENCES =
	/[\0-\x7f]+|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|\xed[\x80-\x9f][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|[\x80-\xff]/g;
/** With `u` a pair of surrogates is one character, so only lone ones match. */
const ESCAPED = /[\udc80-\udcff]/gu;
const ESCAPE = 0xdc00;

export function textOf(bytes: Uint8Array): string {
	const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
	if (isUtf8(buffer)) return buffer.toString("utf8");
	return buffer.toString("latin1").replace(SEQUENCES, (part) => {
		if (part.length === 1 && part >= "\x80") return String.fromCharCode(ESCAPE + part.charCodeAt(0));
		return Buffer.from(part, "latin1").toString("utf8");
	});
}

export function bytesOf(text: string): Buffer {
	if (text.search(ESCAPED) < 0) return Buffer.from(text);
	const parts: Buffer[] = [];
	let from = 0;
	for (const { index } of text.matchAll(ESCAPED)) {
		parts.push(Buffer.from(text.slice(from, index)), Buffer.from([text.charCodeAt(index) - ESCAPE]));
		from = index + 1;
	}
	return Buffer.concat([...parts, Buffer.from(text.slice(from))]);
}

/** As ASCII and UTF-8 only, with each byte that is not UTF-8, and the percent sign, written `%xx`. */
export function percentEncoded(text: string): string {
	return text
		.replaceAll("%", "%25")
		.replaceAll(ESCAPED, (character) => `%${(character.charCodeAt(0) - ESCAPE).toString(16)}`);
}
