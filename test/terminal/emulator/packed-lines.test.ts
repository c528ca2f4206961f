/** Lines packed into blocks: what comes back, under which number, and what they take. */

import assert from "node:assert/strict";
import { describe, type TestContext, test } from "node:test";
import { type Packable, PackedLines } from "../../../src/terminal/emulator/packed-lines.js";
import { SeededRandom } from "../../support/random.js";

const BLANK = [1 << 22, 0, 0];

function line(columns: number, cells: readonly (readonly number[])[], isWrapped = false): Packable {
	const all = Array.from({ length: columns }, (_, column) => cells[column] ?? BLANK);
	return {
		_data: Uint32Array.from(all.flat()),
		length: columns,
		isWrapped,
		_combined: {},
		_extendedAttrs: {},
	};
}

const cell = (code: number): number[] => [code | (1 << 22), code, code * 2];

/** What must be there, kept the long way round. */
interface Copy {
	readonly words: readonly number[];
	readonly isWrapped: boolean;
}

/** Bytes of all array buffers that are made until the end of the test. */
function countAllocated(t: TestContext): () => number {
	let bytes = 0;
	class Counted extends ArrayBuffer {
		constructor(length: number) {
			super(length);
			bytes += length;
		}
	}
	const original = globalThis.ArrayBuffer;
	globalThis.ArrayBuffer = Counted as ArrayBufferConstructor;
	t.after(() => {
		globalThis.ArrayBuffer = original;
	});
	return () => bytes;
}

describe("packed lines", () => {
	for (let seed = 1; seed <= 10; seed++) {
		test(`come back as they were, whatever they are: ${seed}`, () => {
			const random = new SeededRandom(seed);
			const most = 1 + random.below(300);
			const packed = new PackedLines(most, () => {});
			const copies: Copy[] = [];
			const common = line(40, [cell(5)]);
			const commonWords = Array.from({ length: 40 }, () => cell(5)).flat();
			for (let step = 0; step < 1_000; step++) {
				const columns = 2 + random.below(200);
				const count = random.below(columns + 1);
				const cells = Array.from({ length: count }, () => cell(1 + random.below(1_000)));
				const isWrapped = random.below(3) === 0;
				const written = line(columns, cells, isWrapped);
				switch (random.below(4)) {
					case 0: {
						const times = 1 + random.below(40);
						packed.appendSeveral(common, times);
						copies.push(...Array.from({ length: times }, () => ({ words: commonWords, isWrapped: false })));
						break;
					}
					case 1: {
						const last = cells[count - 1];
						if (last !== undefined) {
							assert.ok(packed.append(written, count, true));
							const words = Array.from({ length: columns }, (_, column) => cells[column] ?? last).flat();
							copies.push({ words, isWrapped });
						}
						break;
					}
					default:
						assert.ok(packed.append(written, random.below(2) === 0 ? count : columns, false));
						copies.push({ words: [...written._data], isWrapped });
				}
				assert.equal(packed.end, copies.length);
				assert.equal(packed.first, Math.max(0, copies.length - most));
				const number = packed.first + random.below(packed.end - packed.first);
				const expected = copies[number];
				assert.ok(expected);
				const { columns: width, words } = packed.read(number);
				assert.deepEqual([...words], expected.words, `line ${number} of ${packed.end}`);
				assert.equal(width * 3, expected.words.length);
				assert.equal(packed.isWrapped(number), expected.isWrapped);
			}
		});
	}

	test("of a character take a word more than it", () => {
		const packed = new PackedLines(2_000, () => {});
		for (let number = 0; number < 10_000; number++) {
			packed.append(line(80, [cell(7)]), 1, false);
		}
		assert.equal(packed.bytes, 3 << 14, "2,000 times 16 bytes, and what is left of two blocks");
	});

	test("take the memory of those that were dropped: a flood of lines long and short allocates no more than is kept", (t) => {
		const allocated = countAllocated(t);
		const random = new SeededRandom(1);
		const packed = new PackedLines(2_000, () => {});
		const blank = line(80, []);
		let most = 0;
		for (let number = 0; number < 100_000; number++) {
			const cells = random.below(100) < 50 ? 5 : 80;
			packed.append(blank, cells, false);
			most = Math.max(most, packed.bytes);
		}
		assert.ok(allocated() <= most + (1 << 18), `${allocated()} bytes for ${most}`);
	});

	test("that scroll away together take no more than one", () => {
		const packed = new PackedLines(100_000, () => {});
		const blank = line(1_000, []);
		for (let number = 0; number < 10_000; number++) {
			packed.appendSeveral(blank, 500);
		}
		assert.equal(packed.bytes, 1 << 14);
		assert.equal(packed.end - packed.first, 100_000);
	});

	test("are not packed if a cell has more than words", () => {
		const packed = new PackedLines(10, () => {});
		const marked = line(80, [[1 << 21, 0, 0]]);
		assert.equal(packed.append({ ...marked, _combined: { 0: "e\u0301" } }, 1, false), false);
		assert.equal(packed.append({ ...marked, _combined: { 0: "e\u0301" } }, 80, false), false);
		const linked = line(80, [[0x41, 0, 1 << 28]]);
		assert.equal(packed.append({ ...linked, _extendedAttrs: { 0: {} } }, 1, false), false);
		assert.equal(packed.append({ ...linked, _extendedAttrs: { 0: {} } }, 80, false), false);
		assert.equal(packed.end, 0);
	});

	test("take nothing once all are dropped, and go on with the next number", () => {
		const packed = new PackedLines(10, () => {});
		packed.append(line(80, [cell(1)]), 1, false);
		packed.appendSeveral(line(80, []), 3);
		packed.dropBefore(4);
		assert.deepEqual([packed.first, packed.end, packed.bytes], [4, 4, 0]);
		packed.append(line(80, [cell(2)]), 1, false);
		assert.deepEqual([...packed.read(4).words].slice(0, 3), cell(2));
	});
});
