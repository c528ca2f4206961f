import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { describe, test } from "node:test";
import { BLOCK_BYTES, BlockCipher } from "../../../src/ssp/crypto/block-cipher.js";

const KEY = Uint8Array.from({ length: 16 }, (_, i) => 3 * i);

/** So many blocks, as bytes and as the words of the same memory. */
function blocksOf(count: number) {
	const words = new Uint32Array((count * BLOCK_BYTES) / 4);
	const bytes = new Uint8Array(words.buffer);
	bytes.forEach((_, i) => {
		bytes[i] = i * 7;
	});
	return { bytes, words };
}

function expected(plain: Uint8Array): Buffer {
	return createCipheriv("aes-128-ecb", KEY, null).setAutoPadding(false).update(plain);
}

describe("blocks", () => {
	test("are encrypted as the system's library does, one, few or many at once", () => {
		const cipher = new BlockCipher(KEY);
		for (const count of [1, 2, 5, 6, 7, 80]) {
			const { bytes, words } = blocksOf(count);
			const wanted = expected(bytes);
			cipher.encrypt(bytes, words, count);
			assert.deepEqual(Buffer.from(bytes), wanted, `${count} blocks`);
		}
	});

	test("are decrypted to what they were", () => {
		const cipher = new BlockCipher(KEY);
		for (const count of [1, 5, 6, 80]) {
			const { bytes, words } = blocksOf(count);
			cipher.encrypt(bytes, words, count);
			cipher.decrypt(bytes, words, count);
			assert.deepEqual(bytes, blocksOf(count).bytes, `${count} blocks`);
		}
	});

	test("beyond the count are left alone", () => {
		const { bytes, words } = blocksOf(8);
		const rest = bytes.slice(6 * BLOCK_BYTES);
		new BlockCipher(KEY).encrypt(bytes, words, 6);
		assert.deepEqual(bytes.slice(6 * BLOCK_BYTES), rest);
	});
});

test("the key is copied: what becomes of the caller's bytes does not matter", () => {
	const key = Uint8Array.from(KEY);
	const cipher = new BlockCipher(key);
	key.fill(0);
	for (const count of [1, 6]) {
		const { bytes, words } = blocksOf(count);
		const wanted = expected(bytes);
		cipher.encrypt(bytes, words, count);
		assert.deepEqual(Buffer.from(bytes), wanted);
	}
});
