import assert from "node:assert/strict";
import { test } from "node:test";
import { ecb } from "@noble/ciphers/aes.js";
import { BLOCK_BYTES, BlockCipher } from "../../../src/ssp/crypto/block-cipher.js";

const KEY = Uint8Array.from({ length: 16 }, (_, i) => 3 * i);

function blocksOf(count: number): Uint8Array {
	return Uint8Array.from({ length: count * BLOCK_BYTES }, (_, i) => i * 7);
}

function expected(plain: Uint8Array): Uint8Array {
	return ecb(KEY, { disablePadding: true }).encrypt(plain);
}

test("one cipher encrypts each run of blocks as another implementation does, and decrypts it", () => {
	const cipher = new BlockCipher(KEY);
	for (const count of [1, 2, 7, 80]) {
		const blocks = blocksOf(count);
		cipher.encrypt(blocks);
		assert.deepEqual(blocks, expected(blocksOf(count)), `${count} blocks`);
		cipher.decrypt(blocks);
		assert.deepEqual(blocks, blocksOf(count), `${count} blocks`);
	}
});

test("blocks are encrypted as FIPS 197 does, appendix C.1", () => {
	const blocks = new Uint8Array(Buffer.from("00112233445566778899aabbccddeeff", "hex"));
	new BlockCipher(Uint8Array.from({ length: 16 }, (_, i) => i)).encrypt(blocks);
	assert.equal(Buffer.from(blocks).toString("hex"), "69c4e0d86a7b0430d8cdb78070b4c55a");
});

test("the key is copied: what becomes of the caller's bytes does not matter", () => {
	const key = Uint8Array.from(KEY);
	const cipher = new BlockCipher(key);
	key.fill(0);
	const blocks = blocksOf(6);
	cipher.encrypt(blocks);
	assert.deepEqual(blocks, expected(blocksOf(6)));
});
