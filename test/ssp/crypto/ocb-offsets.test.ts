/** The offsets against the definitions of RFC 7253, computed with whole numbers. */

import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { BlockCipher } from "../../../src/ssp/crypto/block-cipher.js";
import { OffsetTable } from "../../../src/ssp/crypto/ocb-offsets.js";

const KEY = Uint8Array.from({ length: 16 }, (_, i) => i);
const BITS_128 = (1n << 128n) - 1n;

const numberOf = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const wordsValue = (words: Uint32Array) => numberOf(new Uint8Array(words.buffer, words.byteOffset, 16));
const encipher = (block: bigint) =>
	numberOf(
		createCipheriv("aes-128-ecb", KEY, null)
			.setAutoPadding(false)
			.update(Buffer.from(block.toString(16).padStart(32, "0"), "hex")),
	);
const double = (value: bigint) => ((value << 1n) & BITS_128) ^ (value >> 127n === 1n ? 0x87n : 0n);

/** Section 4.2, "Nonce-dependent and per-encryption variables", with a tag of 128 bits. */
function initialOffset(nonce: Uint8Array): bigint {
	const block = (1n << 96n) | numberOf(nonce);
	const bottom = block & 63n;
	const top = encipher(block - bottom);
	const stretch = (top << 64n) | ((top >> 64n) ^ ((top >> 56n) & ((1n << 64n) - 1n)));
	return (stretch >> (64n - bottom)) & BITS_128;
}

const nonce = fc.uint8Array({ minLength: 12, maxLength: 12 });

test("the first offset is that of the RFC, whatever nonces came before", () => {
	const offsets = new OffsetTable(new BlockCipher(KEY));
	const offset = new Uint32Array(4);
	fc.assert(
		fc.property(nonce, fc.nat(255), (bytes, last) => {
			// Nonces that differ in their last byte share a stretch.
			for (const one of [bytes, Uint8Array.from([...bytes.subarray(0, 11), last])]) {
				offsets.start(one, offset);
				assert.equal(wordsValue(offset), initialOffset(one));
			}
		}),
		{ seed: 1 },
	);
});

test("each block's offset is the one before and the L of its number", () => {
	const offsets = new OffsetTable(new BlockCipher(KEY));
	const star = encipher(0n);
	assert.equal(wordsValue(offsets.star), star);
	assert.equal(wordsValue(offsets.dollar), double(star));
	const offset = new Uint32Array(4);
	let expected = 0n;
	for (let index = 1; index <= 130; index++) {
		let l = double(double(star));
		for (let at = index; at % 2 === 0; at /= 2) {
			l = double(l);
		}
		expected ^= l;
		offsets.advance(offset, index);
		assert.equal(wordsValue(offset), expected, `block ${index}`);
	}
});
