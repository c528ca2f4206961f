/**
 * AES-128-OCB3 (RFC 7253) with a 16-byte tag and a 12-byte nonce, as mosh uses it (protocol §1.1).
 * Works on runtimes whose crypto library lacks OCB, and is faster than node:crypto's for datagrams of mosh's sizes
 * (measured). Associated data is not used by mosh: it is there to be tested with the vectors of the RFC.
 */

import { equalBytes } from "@noble/ciphers/utils.js";
import { BLOCK_BYTES, BlockCipher } from "./block-cipher.js";
import { OffsetTable } from "./ocb-offsets.js";

export const TAG_BYTES = 16;
export const NONCE_BYTES = 12;

const EMPTY = new Uint8Array(0);

export class Ocb {
	readonly #cipher: BlockCipher;
	readonly #offsets: OffsetTable;
	readonly #maxBytes: number;
	/** The blocks of one message, and one each for the final pad and the tag. */
	readonly #work: Uint8Array;
	readonly #words: Uint32Array;
	/** The offsets of the message's blocks, applied before and after the cipher. */
	readonly #masks: Uint32Array;
	/** The offset after the last whole block. */
	readonly #offset = new Uint32Array(4);
	readonly #checksum = new Uint32Array(4);

	/**
	 * `key`: 16 bytes. `maxBytes`: the longest plaintext or associated data that will be passed; memory for it is
	 * allocated once.
	 */
	constructor(key: Uint8Array, maxBytes: number) {
		this.#cipher = new BlockCipher(key);
		this.#offsets = new OffsetTable(this.#cipher);
		this.#maxBytes = maxBytes;
		this.#words = new Uint32Array((Math.ceil(maxBytes / BLOCK_BYTES) + 2) * 4);
		this.#work = new Uint8Array(this.#words.buffer);
		this.#masks = new Uint32Array(this.#words.length);
	}

	/**
	 * Encrypts `plaintext` into `out`: the ciphertext, then the tag of 16 bytes.
	 * The same nonce must never be used twice with a key. Throws `RangeError` on wrong lengths.
	 */
	seal(nonce: Uint8Array, plaintext: Uint8Array, out: Uint8Array, associated: Uint8Array = EMPTY): void {
		const length = plaintext.length;
		this.#check(nonce, length, associated);
		if (out.length !== length + TAG_BYTES) {
			throw new RangeError("out takes ciphertext and tag");
		}
		const work = this.#work;
		const words = this.#words;
		const offset = this.#offset;
		const full = Math.floor(length / BLOCK_BYTES);
		const tail = length % BLOCK_BYTES;
		this.#load(plaintext);
		if (tail > 0) {
			work[length] = 0x80;
		}
		this.#sum(full + (tail > 0 ? 1 : 0));
		this.#offsets.start(nonce, offset);
		this.#fillMasks(full);
		this.#mask(full);
		// All input of the cipher is known before it runs, so one call encrypts blocks, pad and tag.
		let blocks = full;
		if (tail > 0) {
			xor(offset, 0, this.#offsets.star);
			words.set(offset, blocks++ * 4);
		}
		words.set(this.#checksum, blocks * 4);
		xor(words, blocks * 4, offset);
		xor(words, blocks * 4, this.#offsets.dollar);
		this.#cipher.encrypt(work.subarray(0, (blocks + 1) * BLOCK_BYTES));
		this.#mask(full);
		const start = full * BLOCK_BYTES;
		out.set(work.subarray(0, start));
		for (let i = 0; i < tail; i++) {
			out[start + i] = (plaintext[start + i] as number) ^ (work[start + i] as number);
		}
		out.set(work.subarray(blocks * BLOCK_BYTES, (blocks + 1) * BLOCK_BYTES), length);
		if (associated.length > 0) {
			this.#hashInto(associated, out.subarray(length));
		}
	}

	/**
	 * The plaintext of `sealed` (ciphertext and tag), copied; `undefined` if the tag is wrong or missing. Throws
	 * `RangeError` on wrong lengths of the other arguments.
	 */
	open(nonce: Uint8Array, sealed: Uint8Array, associated: Uint8Array = EMPTY): Uint8Array | undefined {
		const length = sealed.length - TAG_BYTES;
		if (length < 0 || length > this.#maxBytes) {
			return undefined;
		}
		this.#check(nonce, length, associated);
		const work = this.#work;
		const words = this.#words;
		const offset = this.#offset;
		const full = Math.floor(length / BLOCK_BYTES);
		const tail = length % BLOCK_BYTES;
		const start = full * BLOCK_BYTES;
		work.set(sealed.subarray(0, start));
		this.#offsets.start(nonce, offset);
		this.#fillMasks(full);
		this.#mask(full);
		if (full > 0) {
			this.#cipher.decrypt(work.subarray(0, start));
		}
		this.#mask(full);
		if (tail > 0) {
			xor(offset, 0, this.#offsets.star);
			words.set(offset, full * 4);
			this.#cipher.encrypt(work.subarray(start, start + BLOCK_BYTES));
			for (let i = 0; i < tail; i++) {
				work[start + i] = (work[start + i] as number) ^ (sealed[start + i] as number);
			}
		}
		const plaintext = work.slice(0, length);
		if (tail > 0) {
			work[length] = 0x80;
			work.fill(0, length + 1, start + BLOCK_BYTES);
		}
		this.#sum(full + (tail > 0 ? 1 : 0));
		words.set(this.#checksum, 0);
		xor(words, 0, offset);
		xor(words, 0, this.#offsets.dollar);
		this.#cipher.encrypt(work.subarray(0, BLOCK_BYTES));
		const tag = work.slice(0, TAG_BYTES);
		if (associated.length > 0) {
			this.#hashInto(associated, tag);
		}
		return equalBytes(tag, sealed.subarray(length)) ? plaintext : undefined;
	}

	#check(nonce: Uint8Array, length: number, associated: Uint8Array): void {
		if (nonce.length !== NONCE_BYTES) {
			throw new RangeError(`a nonce has ${NONCE_BYTES} bytes`);
		}
		if (length > this.#maxBytes || associated.length > this.#maxBytes) {
			throw new RangeError(`at most ${this.#maxBytes} bytes`);
		}
	}

	/** Copies `bytes` to the start of the work area and clears the rest of the last block. */
	#load(bytes: Uint8Array): void {
		this.#work.set(bytes);
		this.#work.fill(0, bytes.length, Math.ceil(bytes.length / BLOCK_BYTES) * BLOCK_BYTES);
	}

	/** Stores the offsets of `blocks` blocks and leaves the last one in `#offset`. */
	#fillMasks(blocks: number): void {
		const masks = this.#masks;
		const offset = this.#offset;
		for (let block = 1, at = 0; block <= blocks; block++, at += 4) {
			this.#offsets.advance(offset, block);
			masks[at] = offset[0] as number;
			masks[at + 1] = offset[1] as number;
			masks[at + 2] = offset[2] as number;
			masks[at + 3] = offset[3] as number;
		}
	}

	#mask(blocks: number): void {
		const words = this.#words;
		const masks = this.#masks;
		for (let i = 0; i < blocks * 4; i++) {
			words[i] = (words[i] as number) ^ (masks[i] as number);
		}
	}

	/** The exclusive or of the first `blocks` blocks. */
	#sum(blocks: number): void {
		const words = this.#words;
		let [a, b, c, d] = [0, 0, 0, 0];
		for (let at = 0; at < blocks * 4; at += 4) {
			a ^= words[at] as number;
			b ^= words[at + 1] as number;
			c ^= words[at + 2] as number;
			d ^= words[at + 3] as number;
		}
		this.#checksum[0] = a;
		this.#checksum[1] = b;
		this.#checksum[2] = c;
		this.#checksum[3] = d;
	}

	/** XORs HASH(K, associated) of RFC 7253 section 4.1 into `tag`. Only in tests: see above. */
	#hashInto(associated: Uint8Array, tag: Uint8Array): void {
		const work = this.#work;
		const words = this.#words;
		const offset = this.#offset.fill(0);
		const full = Math.floor(associated.length / BLOCK_BYTES);
		this.#load(associated);
		this.#fillMasks(full);
		this.#mask(full);
		let blocks = full;
		if (associated.length % BLOCK_BYTES > 0) {
			work[associated.length] = 0x80;
			xor(offset, 0, this.#offsets.star);
			xor(words, blocks++ * 4, offset);
		}
		this.#cipher.encrypt(work.subarray(0, blocks * BLOCK_BYTES));
		this.#sum(blocks);
		const sum = new Uint8Array(this.#checksum.buffer);
		for (let i = 0; i < TAG_BYTES; i++) {
			tag[i] = (tag[i] as number) ^ (sum[i] as number);
		}
	}
}

function xor(words: Uint32Array, at: number, other: Uint32Array): void {
	words[at] = (words[at] as number) ^ (other[0] as number);
	words[at + 1] = (words[at + 1] as number) ^ (other[1] as number);
	words[at + 2] = (words[at + 2] as number) ^ (other[2] as number);
	words[at + 3] = (words[at + 3] as number) ^ (other[3] as number);
}
