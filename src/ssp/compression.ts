/** Every instruction is one zlib stream, however small (protocol §2.2). */
import { deflateSync, inflateSync } from "node:zlib";
import { SspError } from "./errors.js";

/** What the stock peer can inflate, and what ours is willing to: a few hundred bytes could ask for gigabytes. */
export const INFLATED_MAX = 4_194_304;

/**
 * A window of 4 KiB finds everything there is to find in inputs up to its size, and takes 32 KiB of working
 * memory instead of 268: most instructions are a few dozen bytes (measured 4 µs instead of 7).
 */
const SMALL_INPUT = 4_096;
const SMALL_OPTIONS = { windowBits: 12, memLevel: 5, chunkSize: 1_024 };

export function compress(bytes: Uint8Array): Uint8Array {
	return bytes.length <= SMALL_INPUT ? deflateSync(bytes, SMALL_OPTIONS) : deflateSync(bytes);
}

/** Throws `SspError` for anything but one whole stream of at most 4 MiB. */
export function decompress(bytes: Uint8Array): Uint8Array {
	try {
		return inflateSync(bytes, { maxOutputLength: INFLATED_MAX });
	} catch (cause) {
		throw new SspError("bad-compression", "An instruction does not inflate to at most 4 MiB.", { cause });
	}
}
