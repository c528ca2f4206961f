/** Compression of instructions, and its limit (protocol §2.2). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { compress, decompress, INFLATED_MAX } from "../../src/ssp/compression.js";

describe("compression", () => {
	test("gives back what went in", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 10_000, size: "max" }), (bytes) => {
				assert.deepEqual(decompress(compress(bytes)), Buffer.from(bytes));
			}),
			{ numRuns: 50, seed: 4 },
		);
	});

	test("takes 4 MiB and not a byte more", () => {
		assert.equal(decompress(compress(Buffer.alloc(INFLATED_MAX))).length, INFLATED_MAX);
		const over = compress(Buffer.alloc(INFLATED_MAX + 1));
		assert.throws(() => decompress(over), { code: "bad-compression" });
		assert.throws(() => decompress(over.subarray(0, 20)), { code: "bad-compression" });
	});
});
