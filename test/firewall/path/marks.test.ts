import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
	and,
	type Bits,
	bits,
	either,
	eitherMarks,
	isMark,
	NO_MARK,
	or,
	UNKNOWN_BITS,
	UNKNOWN_MARKS,
	xor,
} from "../../../src/firewall/path/marks.js";

const word = fc.nat(0xffff_ffff);
/** A mark as it is, and what is known of it. */
const mark = fc
	.tuple(word, word)
	.map(([value, known]) => ({ value, bits: { value: (value & known) >>> 0, known: known >>> 0 } }));

/** What is known of a mark is so. */
const isTrueOf = ({ value, known }: Bits, actual: number) => ((value ^ actual) & known) === 0;

describe("what is known of marks", () => {
	for (const [name, known, actual] of [
		["and", and, (a: number, b: number) => a & b],
		["or", or, (a: number, b: number) => a | b],
		["xor", xor, (a: number, b: number) => a ^ b],
	] as const) {
		test(`is true of their ${name}, and all of it where both are known`, () => {
			fc.assert(
				fc.property(mark, mark, (a, b) => {
					const result = known(a.bits, b.bits);
					assert.ok(isTrueOf(result, actual(a.value, b.value)));
					assert.equal(result.value & ~result.known, 0);
					assert.deepEqual(known(bits(a.value), bits(b.value)), bits(actual(a.value, b.value)));
				}),
			);
		});
	}

	test("includes the bits that one side alone decides", () => {
		for (const [a, b] of [
			[UNKNOWN_BITS, bits(0xff)],
			[bits(0xff), UNKNOWN_BITS],
		] as const) {
			assert.deepEqual(and(a, b), { value: 0, known: 0xffff_ff00 });
			assert.deepEqual(or(a, b), { value: 0xff, known: 0xff });
		}
	});

	test("of one that may be either is what both have", () => {
		assert.deepEqual(either(bits(0b1100), bits(0b1010)), { value: 0b1000, known: ~0b0110 >>> 0 });
		const marks = { packet: bits(1), connection: NO_MARK };
		assert.equal(eitherMarks(marks, marks), marks);
		assert.deepEqual(eitherMarks(marks, UNKNOWN_MARKS), UNKNOWN_MARKS);
	});
});

test("a mark is the one wanted, is not, or may be", () => {
	assert.equal(isMark(bits(5), 5), true);
	assert.equal(isMark(bits(5), 4), false);
	assert.equal(isMark(bits(5), 1, 1), true);
	assert.equal(isMark(bits(5), 2, 1), false, "outside the mask");
	assert.equal(isMark(UNKNOWN_BITS, 5), "general");
	assert.equal(isMark(UNKNOWN_BITS, 0, 0), true);
	assert.equal(isMark({ value: 4, known: 4 }, 1), false, "one known bit is enough");
});
