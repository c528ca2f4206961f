/** REP: what it shows, and that a flood of it writes no row that nobody sees. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CELL } from "../../../src/terminal/emulator/internals.js";
import { Emulator, type Screen } from "../../../src/terminal/index.js";
import { textsOf } from "../../support/as-xterm.js";
import { cellsTouched, wordsMoved } from "../../support/counted-work.js";

function screenAfter(output: string, columns = 20, rows = 3): Screen {
	const emulator = new Emulator({ columns, rows, onReply: () => {} });
	emulator.write(Buffer.from(output));
	return emulator.snapshot();
}

describe("REP shows", () => {
	const cases: readonly (readonly [name: string, output: string, rows: readonly string[]])[] = [
		["the character as often as asked", "ab\x1b[3b!", ["abbbb!", "", ""]],
		["it once without a count", "ab\x1b[b", ["abb", "", ""]],
		["no more than a row of it", "x\x1b[2147483647b", ["x".repeat(20), "x", ""]],
		["it in the next row where the row ends", `\x1b[19Gx\x1b[4b`, [`${" ".repeat(18)}xx`, "xxx", ""]],
		["it up to the margin only, without wraparound", "\x1b[?7lx\x1b[99b", ["x".repeat(20), "", ""]],
		["line drawing", "\x1b(0q\x1b[3b", ["────", "", ""]],
		["nothing after another sequence", "x\x1b[m\x1b[3b", ["x", "", ""]],
		["nothing after itself", "x\x1b[2b\x1b[2b", ["xxx", "", ""]],
		["nothing in insert mode", "\x1b[4hx\x1b[3b", ["x", "", ""]],
		["a blank for the half of a wide character that is left", "漢字\rx\x1b[2b", ["xxx", "", ""]],
	];
	for (const [name, output, rows] of cases) {
		test(name, () => assert.deepEqual(textsOf(screenAfter(output)), rows));
	}
});

/** More than fill the largest screen once, which has to be written. */
const UNITS = 5_000;
const SIZE = { columns: 1_000, rows: 500 };
/** Cells of text before the repeated one, and the doubling of a copy that is short. */
const WORDS_EACH = 64 * CELL;

function flooded(unit: string, before = ""): { words: number; cells: number } {
	const emulator = new Emulator({ ...SIZE, onReply: () => {} });
	emulator.write(Buffer.from(before + unit.repeat(SIZE.rows * 2)));
	const flood = Buffer.from(unit.repeat(UNITS));
	let cells = 0;
	const words = wordsMoved(() => {
		cells = cellsTouched(() => emulator.write(flood));
	});
	emulator.dispose();
	return { words, cells };
}

describe("a flood of REP that scrolls", () => {
	const kinds: readonly (readonly [name: string, unit: string, before?: string])[] = [
		["the whole screen", "x\x1b[999b"],
		["the whole screen, after other text", "ab\x1b[998b"],
		["in two colours", "\x1b[41mx\x1b[999b\x1b[42mx\x1b[999b"],
		["half a row at a time", "x\x1b[500b"],
		["a few cells at a time", "x\x1b[8b"],
		["in an underline style", "x\x1b[999b", "\x1b[4:3m"],
		["a region", "x\x1b[999b", "\x1b[2;400r\x1b[400H"],
	];
	test("looking at the screen writes one row of those alike, and the flood goes on as before", () => {
		const emulator = new Emulator({ ...SIZE, onReply: () => {} });
		const flood = Buffer.from("x\x1b[999b".repeat(2 * SIZE.rows));
		emulator.write(flood);
		const looked = wordsMoved(() => emulator.snapshot());
		assert.ok(looked <= 4 * SIZE.columns * CELL, `${looked} words`);
		assert.equal(emulator.snapshot().lines[250]?.textAt(999), "x");
		const written = wordsMoved(() => emulator.write(flood));
		assert.ok(written <= 2 * SIZE.rows * WORDS_EACH, `${written} words`);
		emulator.dispose();
	});

	test("looking at rows of two kinds that take turns reads one of each, as the same objects as before", () => {
		const emulator = new Emulator({ ...SIZE, onReply: () => {} });
		const colours = "\x1b[41mx\x1b[999b\x1b[42mx\x1b[999b";
		emulator.write(Buffer.from(colours.repeat(SIZE.rows)));
		const before = new Set(emulator.snapshot().lines);
		emulator.write(Buffer.from(`${colours.repeat(SIZE.rows)}\x1b[41mx\x1b[999b`));
		const looked = wordsMoved(() => emulator.snapshot());
		assert.ok(looked <= 8 * SIZE.columns * CELL, `${looked} words`);
		const { lines } = emulator.snapshot();
		assert.ok(lines.slice(0, -1).every((line) => before.has(line)));
		assert.notEqual(lines[0], lines[1]);
		emulator.dispose();
	});

	test("a character printed after it is one repetition more only if it looks the same", () => {
		for (const [after, last] of [
			["x", "x"],
			["y", "y"],
			["\x1b(0x\x1b(B", "\u2502"],
			["\x1b[1mx", "x"],
			["\x1b[Dzx", "x"],
			["\x1b[4hx", "x"],
		] as const) {
			const emulator = new Emulator({ columns: 20, rows: 2, onReply: () => {} });
			emulator.write(Buffer.from(`\x1b[2Jx\x1b[8b${after}`));
			emulator.write(Buffer.from("|"));
			const [line] = emulator.snapshot().lines;
			assert.equal(line?.textAt(10), "|", JSON.stringify(after));
			assert.equal(line?.textAt(9), last, JSON.stringify(after));
			const bold = line?.cells[9 * CELL + 1] !== line?.cells[1];
			assert.equal(bold, after === "\x1b[1mx", JSON.stringify(after));
			emulator.dispose();
		}
	});

	for (const [name, unit, before] of kinds) {
		test(`writes few words of a row: ${name}`, () => {
			const { words, cells } = flooded(unit, before);
			const repetitions = UNITS * (unit.split("\x1b[").length - 1);
			assert.ok(words <= repetitions * WORDS_EACH, `${words / repetitions} words each`);
			assert.ok(cells <= repetitions * 8, `${cells / repetitions} cells each`);
		});
	}

	// What is left for the next row, or comes before other text, is written.
	for (const unit of ["x\x1b[2147483647b", "ab\x1b[999b", "x\x1b[400by\x1b[598b"]) {
		test(`writes no row twice: ${JSON.stringify(unit)}`, () => {
			const { words, cells } = flooded(unit);
			assert.ok(words <= UNITS * SIZE.columns * CELL, `${words / UNITS} words each`);
			assert.ok(cells <= UNITS * 16, `${cells / UNITS} cells each`);
		});
	}

	test("costs at most a few rows where something else is written to them", () => {
		const { words } = flooded("x\x1b[999b\x1b[Gy\r\n");
		assert.ok(words <= UNITS * 4 * SIZE.columns * CELL, `${words / UNITS} words each`);
		assert.ok(words >= 0.9 * UNITS * SIZE.columns * CELL, "or nothing is counted");
	});

	test("shows the same as one that is looked at all the time", () => {
		const seen = new Emulator({ columns: 20, rows: 4, onReply: () => {} });
		const unseen = new Emulator({ columns: 20, rows: 4, onReply: () => {} });
		for (const character of "abcdefghij") {
			const bytes = Buffer.from(`\x1b[4${"abcdefghij".indexOf(character) % 8}m${character}\x1b[19b`);
			seen.write(bytes);
			unseen.write(bytes);
			seen.snapshot();
		}
		for (const [row, line] of unseen.snapshot().lines.entries()) {
			assert.ok(line.equals(seen.snapshot().lines[row] ?? line), `row ${row}`);
		}
		assert.deepEqual(
			textsOf(unseen.snapshot()),
			["g", "h", "i", "j"].map((text) => text.repeat(20)),
		);
	});
});
