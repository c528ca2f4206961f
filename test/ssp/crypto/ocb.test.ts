/** OCB3 against the RFC's vectors, the recorded ones, and node:crypto's own implementation as oracle. */

import assert from "node:assert/strict";
import { createCipheriv } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, test } from "node:test";
import fc from "fast-check";
import { Ocb, TAG_BYTES } from "../../../src/ssp/crypto/ocb.js";

interface Vector {
	readonly source: string;
	readonly key: string;
	readonly nonce: string;
	readonly ad: string;
	readonly plaintext: string;
	readonly ciphertext_and_tag: string;
}

const vectors: Vector[] = JSON.parse(
	readFileSync(new URL("../../fixtures/wire/ocb-vectors.json", import.meta.url), "utf8"),
);

const bytes = (hex: string) => Buffer.from(hex, "hex");

function seal(ocb: Ocb, nonce: Uint8Array, plaintext: Uint8Array, associated?: Uint8Array): Buffer {
	const out = Buffer.alloc(plaintext.length + TAG_BYTES);
	ocb.seal(nonce, plaintext, out, associated);
	return out;
}

function oracle(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, associated: Uint8Array): Buffer {
	const cipher = createCipheriv("aes-128-ocb", key, nonce, { authTagLength: TAG_BYTES });
	if (associated.length > 0) {
		cipher.setAAD(associated);
	}
	return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

describe("OCB3", () => {
	for (const [index, vector] of vectors.entries()) {
		test(`vector ${index}: ${vector.source}, nonce ${vector.nonce}`, () => {
			const [key, nonce, plaintext, associated] = [
				bytes(vector.key),
				bytes(vector.nonce),
				bytes(vector.plaintext),
				bytes(vector.ad),
			];
			const ocb = new Ocb(key, 2048);
			assert.equal(oracle(key, nonce, plaintext, associated).toString("hex"), vector.ciphertext_and_tag);
			assert.equal(seal(ocb, nonce, plaintext, associated).toString("hex"), vector.ciphertext_and_tag);
			const opened = ocb.open(nonce, bytes(vector.ciphertext_and_tag), associated);
			assert.deepEqual(opened && Buffer.from(opened), plaintext);
		});
	}

	test("RFC 7253 appendix A, the iterated test: 384 messages of growing length", () => {
		const key = Buffer.alloc(16);
		key[15] = TAG_BYTES * 8;
		const ocb = new Ocb(key, 32_768);
		const nonceOf = (value: number) => {
			const nonce = Buffer.alloc(12);
			nonce.writeUInt32BE(value, 8);
			return nonce;
		};
		const collected: Buffer[] = [];
		for (let i = 0; i < 128; i++) {
			const zeros = Buffer.alloc(i);
			collected.push(seal(ocb, nonceOf(3 * i + 1), zeros, zeros));
			collected.push(seal(ocb, nonceOf(3 * i + 2), zeros));
			collected.push(seal(ocb, nonceOf(3 * i + 3), Buffer.alloc(0), zeros));
		}
		const result = seal(ocb, nonceOf(385), Buffer.alloc(0), Buffer.concat(collected));
		assert.equal(result.toString("hex"), "67e944d23256c5e0b6c61fa22fdf1ea2");
	});

	test("agrees with node:crypto on random messages, and opens what it seals", () => {
		const key = Buffer.from("0123456789abcdef");
		const ocb = new Ocb(key, 2048);
		fc.assert(
			fc.property(
				fc.uint8Array({ minLength: 12, maxLength: 12 }),
				fc.uint8Array({ maxLength: 1500, size: "max" }),
				fc.uint8Array({ maxLength: 40 }),
				(nonce, plaintext, associated) => {
					const sealed = seal(ocb, nonce, plaintext, associated);
					assert.deepEqual(sealed, oracle(key, nonce, plaintext, associated));
					assert.deepEqual(ocb.open(nonce, sealed, associated), plaintext);
				},
			),
			{ numRuns: 300, seed: 1 },
		);
	});

	test("refuses a message with any one bit flipped", () => {
		const ocb = new Ocb(Buffer.alloc(16, 7), 64);
		const nonce = Buffer.alloc(12, 3);
		const sealed = seal(ocb, nonce, Buffer.from("forty bytes of text, two and a half blk."));
		for (let bit = 0; bit < sealed.length * 8; bit++) {
			const forged = Buffer.from(sealed);
			forged[bit >> 3] = (forged[bit >> 3] as number) ^ (1 << (bit & 7));
			assert.equal(ocb.open(nonce, forged), undefined);
		}
		assert.equal(ocb.open(nonce, sealed.subarray(0, 15)), undefined);
		assert.equal(ocb.open(nonce, Buffer.alloc(65 + TAG_BYTES)), undefined);
		assert.ok(ocb.open(nonce, sealed));
	});

	test("asks for sane arguments", () => {
		const ocb = new Ocb(Buffer.alloc(16), 64);
		assert.throws(() => seal(ocb, Buffer.alloc(11), Buffer.alloc(1)), RangeError);
		assert.throws(() => seal(ocb, Buffer.alloc(12), Buffer.alloc(65)), RangeError);
		assert.throws(() => ocb.seal(Buffer.alloc(12), Buffer.alloc(1), Buffer.alloc(16)), RangeError);
	});
});
