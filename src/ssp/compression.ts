/** Every instruction is one zlib stream, however small (protocol §2.2). */

import { deflateSync, inflateSync } from "node:zlib";
import { SspError } from "./errors.js";

/** The stock programs inflate no more than this, and neither do we: a few hundred bytes could expand to gigabytes. */
export const INFLATED_MAX = 4_194_304;

/**
 * For inputs up to its size, a window of 4 KiB compresses as well as a larger one and takes 32 KiB of working memory
 * instead of 268. Most instructions are a few dozen bytes (measured: 4 µs instead of 7).
 */
const SMALL_INPUT = 4_096;
const SMALL_OPTIONS = { windowBits: 12, memLevel: 5, chunkSize: 1_024 };

export function compress(bytes: Uint8Array): Uint8Array {
	return bytes.length <= SMALL_INPUT ? deflateSync(bytes, SMALL_OPTIONS) : deflateSync(bytes);
}

/** Throws `SspError` unless given exactly one stream that inflates to at most 4 MiB. */
export function decompress(bytes: Uint8Array): Uint8Array {
	try {
		return inflateSync(bytes, { maxOutputLength: INFLATED_MAX });
	} catch (cause) {
		throw new SspError("bad-compression", "An instruction does not inflate to at most 4 MiB.", { cause });
	}
}
