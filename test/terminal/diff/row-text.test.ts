import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { rowText } from "../../../src/terminal/diff/row-text.js";
import type { Row } from "../../../src/terminal/screen/row.js";
import { screenAfter } from "../../support/as-xterm.js";

const row = (output: string) => screenAfter(output).lines[0] as Row;

describe("the text of a row", () => {
	test("has no blanks at its end, but those printed if it goes on in the next", () => {
		assert.equal(rowText(row("ab \x1b[2Cc    "), false, false), "ab   c");
		assert.equal(rowText(row(""), false, false), "");
		const wrapped = row(`${"a".repeat(18)}  b`);
		assert.equal(wrapped.wraps, true);
		assert.equal(rowText(wrapped, true, false), `${"a".repeat(18)}  `);
	});

	test("has a wide character once, and marks with their character", () => {
		assert.equal(rowText(row("漢e\u0301x"), false, false), "漢e\u0301x");
	});

	test("has colours where they are wanted, and ends without them", () => {
		const red = row("a\x1b[31mb\x1b[mc\x1b[1md");
		assert.equal(rowText(red, false, false), "abcd");
		assert.equal(rowText(red, false, true), "a\x1b[31mb\x1b[mc\x1b[1md\x1b[m");
	});
});
