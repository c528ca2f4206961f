/** The offsets of OCB3 (RFC 7253, sections 2 and 4.2): the L table, and the initial offset derived from a nonce. */

import { BLOCK_BYTES, type BlockCipher } from "./block-cipher.js";

const STRETCH_BYTES = 24;

export class OffsetTable {
	/** L_* and L_$ of the RFC. */
	readonly star: Uint32Array;
	readonly dollar: Uint32Array;
	/** L_0, L_1, ...; extended as longer messages need them. */
	readonly #table: Uint32Array[];
	readonly #cipher: BlockCipher;
	/** The latest stretch of each direction; a sender's counter changes it with every 64th nonce. */
	readonly #stretches: [Stretch, Stretch] = [new Stretch(), new Stretch()];

	constructor(cipher: BlockCipher) {
		this.#cipher = cipher;
		this.star = new Uint32Array(4);
		cipher.encrypt(new Uint8Array(this.star.buffer));
		this.dollar = double(this.star);
		this.#table = [double(this.dollar)];
	}

	/** Sets `offset` to the offset before block 1 of the message with this 12-byte nonce. */
	start(nonce: Uint8Array, offset: Uint32Array): void {
		const stretch = this.#stretches[(nonce[4] as number) >>> 7] as Stretch;
		stretch.offset(nonce, this.#cipher, offset);
	}

	/** Moves `offset` on to block `index`, counted from 1. */
	advance(offset: Uint32Array, index: number): void {
		const zeros = 31 - Math.clz32(index & -index);
		while (this.#table.length <= zeros) {
			this.#table.push(double(this.#table.at(-1) as Uint32Array));
		}
		const l = this.#table[zeros] as Uint32Array;
		offset[0] = (offset[0] as number) ^ (l[0] as number);
		offset[1] = (offset[1] as number) ^ (l[1] as number);
		offset[2] = (offset[2] as number) ^ (l[2] as number);
		offset[3] = (offset[3] as number) ^ (l[3] as number);
	}
}

/** Ktop and its stretch, which 64 consecutive nonces share. */
class Stretch {
	/** The nonce block with its low six bits cleared, which the stretch was computed from. */
	readonly #top = new Uint8Array(16);
	readonly #bytes = new Uint8Array(STRETCH_BYTES);
	#made = false;

	offset(nonce: Uint8Array, cipher: BlockCipher, offset: Uint32Array): void {
		if (!this.#made || !this.#fits(nonce)) {
			this.#make(nonce, cipher);
		}
		const bottom = (nonce[11] as number) & 63;
		const skip = bottom >>> 3;
		const left = bottom & 7;
		const from = this.#bytes;
		const to = new Uint8Array(offset.buffer, offset.byteOffset, 16);
		for (let i = 0; i < 16; i++) {
			const pair = ((from[skip + i] as number) << 8) | (from[skip + i + 1] as number);
			to[i] = pair >>> (8 - left);
		}
	}

	#fits(nonce: Uint8Array): boolean {
		const top = this.#top;
		if (((nonce[11] as number) & 0xc0) !== top[15]) {
			return false;
		}
		for (let i = 10; i >= 0; i--) {
			if (nonce[i] !== top[i + 4]) {
				return false;
			}
		}
		return true;
	}

	#make(nonce: Uint8Array, cipher: BlockCipher): void {
		const top = this.#top;
		// Seven bits for the tag length (128 mod 128 = 0), zeros, a one, then the nonce.
		top[3] = 1;
		top.set(nonce, 4);
		top[15] = (top[15] as number) & 0xc0;
		const stretch = this.#bytes;
		const block = stretch.subarray(0, BLOCK_BYTES);
		block.set(top);
		cipher.encrypt(block);
		for (let i = 0; i < 8; i++) {
			stretch[16 + i] = (block[i] as number) ^ (block[i + 1] as number);
		}
		this.#made = true;
	}
}

/** Doubling in GF(2^128), on big-endian bytes. */
function double(words: Uint32Array): Uint32Array {
	const from = new Uint8Array(words.buffer, words.byteOffset, 16);
	const doubled = new Uint32Array(4);
	const to = new Uint8Array(doubled.buffer);
	for (let i = 0; i < 16; i++) {
		to[i] = ((from[i] as number) << 1) | ((from[i + 1] ?? 0) >>> 7);
	}
	if ((from[0] as number) & 0x80) {
		to[15] = (to[15] as number) ^ 0x87;
	}
	return doubled;
}
