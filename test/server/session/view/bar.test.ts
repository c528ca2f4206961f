import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { positionBar, promptBar } from "../../../../src/server/session/view/bar.js";
import { INVERSE } from "../../../../src/terminal/screen/rendition.js";
import { textOf } from "../../../support/row-text.js";

const AT = { line: 3, lines: 120, newLines: 0, note: "" };

describe("the bar", () => {
	test("tells the position, what is new and what a search came to, in exchanged colours", () => {
		const bar = positionBar(80, { ...AT, newLines: 7, note: "not found" });
		assert.match(textOf(bar), /^ History: line 3 of 120, 7 new \(not found\) +/);
		assert.equal((bar.cells[1] ?? 0) & INVERSE, INVERSE);
		assert.equal((bar.cells.at(-2) ?? 0) & INVERSE, INVERSE, "to its end");
	});

	test("names the keys where there is room", () => {
		assert.match(textOf(positionBar(80, AT)), /q: back$/);
		assert.equal(textOf(positionBar(30, AT)), " History: line 3 of 120");
	});
});

describe("the prompt", () => {
	test("shows the text with the cursor behind it", () => {
		const { row, cursor } = promptBar(20, "/", "漢x", "not found");
		assert.equal(textOf(row), "/漢x   (not found)");
		assert.equal(cursor, 4);
	});

	test("shows the end of a text that is too long, and the cursor on the screen", () => {
		const { row, cursor } = promptBar(10, "?", "abcdefghijklmnop", "");
		assert.equal(textOf(row), "?ijklmnop");
		assert.equal(cursor, 9);
		assert.equal(promptBar(2, "/", "漢漢", "").cursor, 1);
	});
});
