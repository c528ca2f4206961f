import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULT_RENDITION, INVERSE } from "../../../src/terminal/screen/rendition.js";
import { blankRow } from "../../../src/terminal/screen/row.js";
import { textRow, textWidth } from "../../../src/terminal/screen/text-row.js";
import { screenAfter } from "../../support/as-xterm.js";
import { textOf } from "../../support/row-text.js";

const row = (text: string, columns = 10) => textRow(columns, text, DEFAULT_RENDITION);

describe("a row of text", () => {
	test("is the row that the emulator has after the same text", () => {
		for (const text of ["", "abc", "a b", "漢字", "ab漢", "─é"]) {
			assert.equal(row(text, 20).equals(screenAfter(text, 20, 2).lines[0] ?? row("no")), true, text);
		}
		assert.equal(row("").equals(blankRow(10)), true);
	});

	test("is cut where there is no room, before a wide character as a whole", () => {
		assert.equal(textOf(row("abcdefghijkl")), "abcdefghij");
		assert.equal(textOf(row("abcdefghi漢")), "abcdefghi");
	});

	test("has no marks, and U+FFFD for what has no width", () => {
		assert.equal(textOf(row("e\u0301x\uffffy")), "ex\ufffdy");
	});

	test("has the rendition in every cell", () => {
		const { cells } = textRow(3, "a", { foreground: INVERSE, background: 5 });
		assert.deepEqual(
			[1, 4, 7].map((at) => [cells[at], cells[at + 1]]),
			Array(3).fill([INVERSE, 5]),
		);
	});

	test("takes the columns that its width says", () => {
		for (const text of ["", "abc", "漢x", "e\u0301", "\uffff"]) {
			const rest = 10 - textWidth(text);
			assert.equal(textOf(row(`${text}${"x".repeat(20)}`)).endsWith("x".repeat(rest)), true, text);
			assert.equal(
				textOf(row(`${text}${"x".repeat(20)}`)).endsWith("x".repeat(rest + 1)),
				text === "漢x",
				text,
			);
		}
	});
});
