import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { decodeInstruction, encodeInstruction } from "../../src/ssp/instruction.js";

const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

describe("the transport instruction", () => {
	test("carries 64-bit numbers exactly", () => {
		fc.assert(
			fc.property(
				uint64,
				uint64,
				uint64,
				uint64,
				fc.uint8Array(),
				(oldNumber, newNumber, ack, throwaway, diff) => {
					const decoded = decodeInstruction(
						encodeInstruction({ oldNumber, newNumber, ack, throwaway, diff }),
					);
					assert.deepEqual(
						{ ...decoded, diff: Buffer.from(decoded.diff) },
						{
							oldNumber,
							newNumber,
							ack,
							throwaway,
							diff: Buffer.from(diff),
						},
					);
				},
			),
			{ seed: 1, examples: [[2n ** 64n - 1n, 2n ** 63n, 2n ** 53n + 1n, 2n ** 32n, Uint8Array.of()]] },
		);
	});

	test("has all seven fields, and 0 to 16 bytes of chaff that differ from time to time", () => {
		const plain = { oldNumber: 0n, newNumber: 0n, ack: 0n, throwaway: 0n, diff: new Uint8Array(0) };
		const encoded = Array.from({ length: 300 }, () => encodeInstruction(plain));
		const lengths = new Set(encoded.map((bytes) => bytes[13] as number));
		for (const bytes of encoded) {
			assert.equal(hex(bytes.subarray(0, 13)), "0802100018002000280032003a");
			assert.equal(bytes.length, 14 + (bytes[13] as number));
		}
		assert.deepEqual([Math.min(...lengths), Math.max(...lengths), lengths.size], [0, 16, 17]);
	});

	test("of another version, or that does not parse, is refused", () => {
		// The first field is the version.
		const [tag, , ...rest] = encodeInstruction({
			oldNumber: 1n,
			newNumber: 2n,
			ack: 3n,
			throwaway: 0n,
			diff: new Uint8Array(0),
		});
		assert.throws(() => decodeInstruction(Uint8Array.of(tag as number, 3, ...rest)), { code: "bad-version" });
		assert.throws(() => decodeInstruction(Buffer.from("0aff", "hex")), { code: "bad-message" });
	});
});
