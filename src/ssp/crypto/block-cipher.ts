/**
 * AES-128 on single blocks and on runs of blocks. A native call costs about as much as five blocks in JavaScript
 * (measured), so single blocks are encrypted in JavaScript and runs by one long-lived native cipher.
 */

import { type Cipher, createCipheriv, createDecipheriv, type Decipher } from "node:crypto";
import { unsafe } from "@noble/ciphers/aes.js";
import { swap8IfBE } from "@noble/ciphers/utils.js";

export const BLOCK_BYTES = 16;
const BLOCK_WORDS = BLOCK_BYTES / 4;
/** Runs of at least this many blocks use the native cipher. */
const NATIVE_FROM_BLOCKS = 6;

export class BlockCipher {
	readonly #key: Uint8Array;
	readonly #encryptSchedule: Uint32Array;
	readonly #decryptSchedule: Uint32Array;
	#encryptor: Cipher | undefined;
	#decryptor: Decipher | undefined;

	/** `key`: 16 bytes, copied. The native ciphers are created when first needed. */
	constructor(key: Uint8Array) {
		this.#key = Uint8Array.from(key);
		this.#encryptSchedule = unsafe.expandKeyLE(this.#key);
		this.#decryptSchedule = unsafe.expandKeyDecLE(this.#key);
	}

	/** Encrypts, in place, `count` blocks of `bytes` from its start; `words` is a view of the same memory. */
	encrypt(bytes: Uint8Array, words: Uint32Array, count: number): void {
		if (count >= NATIVE_FROM_BLOCKS) {
			this.#encryptor ??= createCipheriv("aes-128-ecb", this.#key, null).setAutoPadding(false);
			bytes.set(this.#encryptor.update(bytes.subarray(0, count * BLOCK_BYTES)));
			return;
		}
		for (let at = 0; at < count * BLOCK_WORDS; at += BLOCK_WORDS) {
			this.encryptBlock(words, at);
		}
	}

	/** The inverse of `encrypt`. */
	decrypt(bytes: Uint8Array, words: Uint32Array, count: number): void {
		if (count >= NATIVE_FROM_BLOCKS) {
			this.#decryptor ??= createDecipheriv("aes-128-ecb", this.#key, null).setAutoPadding(false);
			bytes.set(this.#decryptor.update(bytes.subarray(0, count * BLOCK_BYTES)));
			return;
		}
		for (let at = 0; at < count * BLOCK_WORDS; at += BLOCK_WORDS) {
			convert(unsafe.decrypt, this.#decryptSchedule, words, at);
		}
	}

	/** Encrypts the four words from `at` in place. */
	encryptBlock(words: Uint32Array, at: number): void {
		convert(unsafe.encrypt, this.#encryptSchedule, words, at);
	}
}

function convert(cipher: typeof unsafe.encrypt, schedule: Uint32Array, words: Uint32Array, at: number): void {
	const block = cipher(
		schedule,
		swap8IfBE(words[at] as number),
		swap8IfBE(words[at + 1] as number),
		swap8IfBE(words[at + 2] as number),
		swap8IfBE(words[at + 3] as number),
	);
	words[at] = swap8IfBE(block.s0);
	words[at + 1] = swap8IfBE(block.s1);
	words[at + 2] = swap8IfBE(block.s2);
	words[at + 3] = swap8IfBE(block.s3);
}
