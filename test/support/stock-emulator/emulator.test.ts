/** The model of the stock client's emulator: what was measured beyond the recordings, and its own invariants. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import {
	compareScreens,
	defaultRendition,
	initialLatent,
	latentDifference,
	type ModelScreen,
	StockEmulator,
} from "./index.js";

function shown(columns: number, rows: number, text: string): StockEmulator {
	const emulator = new StockEmulator(columns, rows);
	emulator.write(Buffer.from(text));
	return emulator;
}

describe("what was measured on the stock server beyond the vectors", () => {
	const cases: readonly { what: string; input: string; cursor: { row: number; column: number } }[] = [
		{ what: "an OSC keeps the pending wrap", input: "123456\x1b]0;a\x07x", cursor: { row: 1, column: 1 } },
		{ what: "ST as ESC \\ cancels it", input: "123456\x1b]0;a\x1b\\x", cursor: { row: 0, column: 5 } },
		{ what: "an ignored CSI keeps it", input: "123456\x1b[3:4Cx", cursor: { row: 1, column: 1 } },
		{ what: "a back tab keeps it", input: "123456\x1b[Zx", cursor: { row: 1, column: 1 } },
		{ what: "origin mode's homing cancels it", input: "123456\x1b[?6hx", cursor: { row: 0, column: 1 } },
		{ what: "132-column mode's homing cancels it", input: "123456\x1b[?3hx", cursor: { row: 0, column: 1 } },
		{ what: "origin mode homes as if still off", input: "\x1b[2;3r\x1b[?6h", cursor: { row: 0, column: 0 } },
		{ what: "the next move enters the region", input: "\x1b[2;3r\x1b[?6hx", cursor: { row: 1, column: 1 } },
	];
	for (const { what, input, cursor } of cases) {
		test(what, () => assert.deepEqual(shown(6, 4, input).screen().cursor, cursor));
	}
});

describe("the stock emulator model itself", () => {
	test("answers are recorded", () => {
		const { replies } = shown(10, 4, "\x1b[c\x1b[>c\x1b[5n\x1b[2;3H\x1b[6n");
		const answers = replies.map((reply) => Buffer.from(reply).toString());
		assert.deepEqual(answers, ["\x1b[?62c", "\x1b[>1;10;0c", "\x1b[0n", "\x1b[2;3R"]);
	});

	test("a clone goes its own way, from the middle of a sequence too", () => {
		const one = shown(10, 4, "a\x1b[3");
		assert.equal(one.parserInGround, false);
		const two = one.clone();
		two.write(Buffer.from("Cb"));
		assert.equal(two.screen().cursor.column, 5);
		assert.equal(one.screen().cursor.column, 1);
		assert.equal(one.screen().lines[0]?.cells[4]?.text, " ");
	});

	test("a split anywhere changes nothing", () => {
		const bytes = Buffer.from("a\x1b[1;31m中\x1b]2;t\x07\x1b[2;2H😀\x1b[4X");
		const whole = shown(10, 4, bytes.toString()).screen();
		for (let at = 1; at < bytes.length; at++) {
			const split = new StockEmulator(10, 4);
			split.write(bytes.subarray(0, at));
			const rest = split.clone();
			rest.write(bytes.subarray(at));
			assert.deepEqual(rest.screen(), whole);
		}
	});

	test("resizing keeps content in place, forgets wraps, resets the region and extends tabs", () => {
		const emulator = shown(10, 4, "\x1b[44m0123456789ab\x1b[2;3r\x1b[4;10H");
		assert.equal(emulator.screen().lines[0]?.wrapped, true);
		emulator.resize(17, 3);
		const { lines, cursor, latent } = emulator.screen();
		assert.equal(lines[0]?.wrapped, false);
		assert.deepEqual(lines[0]?.cells.at(-1), {
			text: " ",
			width: 1,
			rendition: { ...defaultRendition, background: 4 },
		});
		assert.deepEqual(cursor, { row: 2, column: 9 });
		assert.deepEqual(latent, initialLatent(17, 3));
	});

	test("blanks compare by what shows, differences are named", () => {
		const picture = (text: string): ModelScreen => shown(4, 2, text).screen();
		assert.equal(
			compareScreens(picture("\x1b[1;31m  \x1b[0;44m \x1b[0m"), picture("\x1b[2C\x1b[44m \x1b[0m")),
			undefined,
		);
		assert.match(
			compareScreens(picture("\x1b[7m "), picture("\x1b[C\x1b[7m")) ?? "",
			/^cell at row 0, column 0/u,
		);
		assert.match(compareScreens(picture("\x1b]0;a\x07"), picture("")) ?? "", /^title: "a" against ""/u);
		assert.match(latentDifference(picture("\x1b[4h")) ?? "", /^insert: true/u);
		assert.equal(latentDifference(picture("")), undefined);
	});

	test("random bytes never break it", () => {
		const alphabet = fc.oneof(
			fc.uint8Array({ maxLength: 40 }),
			fc
				.constantFrom(
					"\x1b[",
					"\x1b]",
					"\x1b",
					";",
					"?",
					"9",
					"H",
					"r",
					"中",
					"\u0301",
					"\x1b[?6h",
					"\x1b[4h",
				)
				.map((text) => Uint8Array.from(Buffer.from(text))),
		);
		const input = fc.array(alphabet, { minLength: 50, maxLength: 200 });
		const size = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 6 }));
		fc.assert(
			fc.property(size, size, input, ([columns, rows], [laterColumns, laterRows], chunks) => {
				const emulator = new StockEmulator(columns, rows);
				for (const [index, chunk] of chunks.entries()) {
					if (index === chunks.length >> 1) {
						emulator.resize(laterColumns, laterRows);
					}
					emulator.write(chunk);
				}
				const { lines, cursor } = emulator.screen();
				assert.deepEqual(
					lines.map(({ cells }) => cells.length),
					new Array<number>(laterRows).fill(laterColumns),
				);
				assert.ok(cursor.row >= 0 && cursor.row < laterRows);
				assert.ok(cursor.column >= 0 && cursor.column < laterColumns);
			}),
			{ numRuns: 200 },
		);
	});
});
