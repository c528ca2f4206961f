/** Every instruction is one zlib stream, however small (protocol §2.2). */

import { createDeflate, createInflate, deflateSync, inflateSync } from "node:zlib";
import { SspError } from "./errors.js";
import { ZlibHandle } from "./zlib-handle.js";

/** The stock programs inflate no more than this, and neither do we: a few hundred bytes could expand to gigabytes. */
export const INFLATED_MAX = 4_194_304;

/**
 * For inputs up to its size, a window of 4 KiB compresses as well as a larger one and takes 32 KiB of working memory
 * instead of 268. Most instructions are a few dozen bytes.
 */
const SMALL_INPUT = 4_096;
const SMALL_OPTIONS = { windowBits: 12, memLevel: 5, chunkSize: 1_024 };
/** What is incompressible becomes longer by less than this. */
const SMALL_OUTPUT = SMALL_INPUT + 64;

let small: { readonly deflate: ZlibHandle; readonly inflate: ZlibHandle } | undefined;

/** For all sessions of the process. */
function smallHandles(): NonNullable<typeof small> {
	small ??= {
		deflate: new ZlibHandle(createDeflate(SMALL_OPTIONS), SMALL_OUTPUT),
		inflate: new ZlibHandle(createInflate({ chunkSize: SMALL_OPTIONS.chunkSize }), SMALL_OUTPUT),
	};
	return small;
}

export function compress(bytes: Uint8Array): Uint8Array {
	return bytes.length <= SMALL_INPUT
		? (smallHandles().deflate.run(bytes) ?? deflateSync(bytes, SMALL_OPTIONS))
		: deflateSync(bytes);
}

/** Throws `SspError` unless given exactly one stream that inflates to at most 4 MiB. */
export function decompress(bytes: Uint8Array): Uint8Array {
	try {
		return smallHandles().inflate.run(bytes) ?? inflateSync(bytes, { maxOutputLength: INFLATED_MAX });
	} catch (cause) {
		throw new SspError("bad-compression", "An instruction does not inflate to at most 4 MiB.", { cause });
	}
}
