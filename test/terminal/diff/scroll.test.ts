/** Detection of scrolls: which region, which way, and when there is none. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findScroll, scrolled } from "../../../src/terminal/diff/scroll.js";
import { blankRow, CELL_WORDS, Row } from "../../../src/terminal/screen/row.js";

/** A row for each letter; a space is a blank one. */
function rowsOf(text: string): Row[] {
	return [...text].map((letter) => {
		if (letter === " ") {
			return blankRow(2);
		}
		const cells = new Uint32Array(2 * CELL_WORDS);
		cells[0] = letter.charCodeAt(0);
		return new Row(cells, undefined, false);
	});
}

const shown = (rows: readonly Row[]): string =>
	rows.map((row) => (row.cells[0] === 0 ? " " : row.textAt(0))).join("");

describe("findScroll", () => {
	const cases: readonly (readonly [
		name: string,
		from: string,
		to: string,
		top: number,
		bottom: number,
		up: number,
	])[] = [
		["up by one", "abcdef", "bcdefg", 0, 5, 1],
		["up by three", "abcdefgh", "defghijk", 0, 7, 3],
		["down by one", "abcdef", "zabcde", 0, 5, -1],
		["a region up", "abcdefgh", "abdefXgh", 2, 5, 1],
		["a region down", "abcdefgh", "abXcdegh", 2, 5, -1],
		["rows of two kinds that take turns, up", "~+~+~+~+~+~+", "+~+~+~+~+~+~", 0, 11, 1],
		["rows of three kinds that take turns, down", "abcabcabcabcabc", "cabcabcabcabcab", 0, 14, -1],
		["the larger of two runs, where a row between them has changed", "abcdefgh", "bcXefghi", 3, 7, 1],
	];
	for (const [name, from, to, top, bottom, up] of cases) {
		test(name, () => assert.deepEqual(findScroll(rowsOf(from), rowsOf(to)), { top, bottom, up }));
	}

	for (const [name, from, to] of [
		["nothing has moved", "abcdef", "abcdef"],
		["nothing is the same", "abcdef", "uvwxyz"],
		["only rows that often repeat have moved", "a~~~~~~", "~~~~~~b"],
		["as much would be lost as gained", "ab", "aa"],
	] as const) {
		test(`none when ${name}`, () => assert.equal(findScroll(rowsOf(from), rowsOf(to)), undefined));
	}
});

describe("scrolled", () => {
	test("vacates rows at the bottom, or at the top", () => {
		assert.equal(shown(scrolled(rowsOf("abcdef"), { top: 1, bottom: 4, up: 2 })), "ade  f");
		assert.equal(shown(scrolled(rowsOf("abcdef"), { top: 1, bottom: 4, up: -1 })), "a bcdf");
	});

	test("keeps rows as the same objects", () => {
		const rows = rowsOf("abc");
		assert.equal(scrolled(rows, { top: 0, bottom: 2, up: 1 })[0], rows[1]);
	});
});
