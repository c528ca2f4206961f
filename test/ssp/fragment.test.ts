/** Cutting and joining instructions (protocol §2.1). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { INFLATED_MAX } from "../../src/ssp/compression.js";
import {
	Assembler,
	decodeFragment,
	encodeFragment,
	type Fragment,
	Fragmenter,
} from "../../src/ssp/fragment.js";

const fragment = (id: number, number: number, final: boolean, contents: string): Fragment => ({
	id: BigInt(id),
	number,
	final,
	contents: Buffer.from(contents),
});
const text = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();

describe("fragments", () => {
	test("join in any order, repeated or not", () => {
		fc.assert(
			fc.property(
				fc.uint8Array({ maxLength: 2_000, size: "max" }),
				fc.integer({ min: 11, max: 300 }),
				fc.infiniteStream(fc.nat()),
				(bytes, room, picks) => {
					const fragments = new Fragmenter().cut(bytes, room);
					assert.ok(
						fragments.every(({ contents }, i) => contents.length === room - 10 || i === fragments.length - 1),
					);
					const assembler = new Assembler();
					const rest = [...fragments];
					let whole: Uint8Array | undefined;
					for (const pick of picks) {
						const [one] = rest.splice(pick % rest.length, 1) as [Fragment];
						whole = assembler.add(decodeFragment(encodeFragment(one)));
						if (rest.length === 0) {
							break;
						}
						assert.equal(whole, undefined);
						assert.equal(assembler.add(one), undefined);
					}
					assert.deepEqual(whole && Buffer.from(whole), Buffer.from(bytes));
					assert.equal(assembler.bufferedBytes, 0);
				},
			),
			{ numRuns: 200, seed: 3 },
		);
	});

	test("have ids that count up from 1", () => {
		const fragmenter = new Fragmenter();
		assert.deepEqual(
			[1, 2, 3].map(() => fragmenter.cut(Buffer.from("x"), 100)[0]?.id),
			[1n, 2n, 3n],
		);
	});

	test("of another id, higher or lower, replace an incomplete instruction", () => {
		const assembler = new Assembler();
		assembler.add(fragment(5, 0, false, "a"));
		assert.equal(text(assembler.add(fragment(4, 0, true, "whole"))), "whole");
		assert.equal(assembler.add(fragment(5, 1, true, "b")), undefined);
		assert.equal(text(assembler.add(fragment(5, 0, false, "a"))), "ab");
	});

	test("that contradict each other are refused, and the first ones stay", () => {
		const contradicting: [Fragment, Fragment][] = [
			[fragment(1, 0, false, "a"), fragment(1, 0, false, "x")],
			[fragment(1, 1, true, "b"), fragment(1, 2, false, "c")],
			[fragment(1, 2, false, "c"), fragment(1, 1, true, "b")],
			[fragment(1, 0, false, "a"), fragment(1, 0, true, "a")],
		];
		for (const [first, second] of contradicting) {
			const assembler = new Assembler();
			assembler.add(first);
			assert.throws(() => assembler.add(second), { code: "bad-fragment" });
			assert.equal(assembler.bufferedBytes, 1);
		}
		assert.throws(() => decodeFragment(Buffer.alloc(9)), { code: "bad-fragment" });
	});

	test("are not hoarded beyond what an instruction can have", () => {
		const assembler = new Assembler();
		let most = 0;
		for (let number = 0; number < 0x8000; number++) {
			try {
				assembler.add({ id: 1n, number, final: false, contents: Buffer.alloc(1_214) });
			} catch (error) {
				assert.equal((error as { code: string }).code, "bad-fragment");
			}
			most = Math.max(most, assembler.bufferedBytes);
		}
		assert.ok(most <= INFLATED_MAX + 65_536);
	});
});
