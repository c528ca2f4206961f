/** Erasing all cells of a line but the protected ones. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CELL, type Line, WIDTH_SHIFT } from "../../../src/terminal/emulator/internals.js";
import {
	completeErase,
	eraseLater,
	eraseUnprotected,
	isProtected,
} from "../../../src/terminal/emulator/selective-erase.js";

const PROTECTED = 1 << 29;
const BACKGROUND = 0x100_0004;

/** Of letters: a capital is protected, "=" is the right half of the wide letter before. */
function lineOf(text: string): Line {
	const data = new Uint32Array(text.length * CELL);
	for (const [column, letter] of [...text].entries()) {
		const width = letter === "=" ? 0 : text[column + 1] === "=" ? 2 : 1;
		data[column * CELL] = (letter === "=" ? 0 : letter.charCodeAt(0)) | (width << WIDTH_SHIFT);
		data[column * CELL + 1] = 7;
		data[column * CELL + 2] = /[A-Z]/.test(letter) ? PROTECTED : 0;
	}
	return { _data: data, length: text.length } as Line;
}

/** Letters as they are, "." where a cell is blank and has the background. */
function pictureOf({ _data: data, length }: Line): string {
	return Array.from({ length }, (_, column) => {
		const [content = 0, foreground, background] = data.subarray(column * CELL, (column + 1) * CELL);
		if (content === 1 << WIDTH_SHIFT && foreground === 0 && background === BACKGROUND) {
			return ".";
		}
		const code = content & ((1 << WIDTH_SHIFT) - 1);
		return code === 0 ? "=" : String.fromCharCode(code);
	}).join("");
}

describe("erasing", () => {
	for (const [text, first, end, left] of [
		["abcdef", 1, 4, "a...ef"],
		["aBcDef", 0, 6, ".B.D.."],
		["abcdef", 3, 99, "abc..."],
		// A wide character of which one half is erased goes as a whole, unless it is protected.
		["w=w=w=", 1, 4, "....w="],
		["w=w=w=", 0, 3, "....w="],
		["W=abcd", 1, 3, "W.." + "bcd"],
	] as const) {
		test(`${first} to ${end} of ${text} leaves ${left}`, () => {
			const line = lineOf(text);
			eraseUnprotected(line, first, end, BACKGROUND);
			assert.equal(pictureOf(line), left);
		});
	}

	test("knows the protected cells", () => {
		assert.deepEqual(
			[0, 1].map((column) => isProtected(lineOf("aB"), column)),
			[false, true],
		);
	});
});

describe("an erase put off", () => {
	test("touches no cell until it is completed, once", () => {
		const line = lineOf("aBc");
		eraseLater(line, BACKGROUND);
		assert.equal(pictureOf(line), "aBc");
		completeErase(line);
		assert.equal(pictureOf(line), ".B.");
		line._data.set(lineOf("x")._data, 0);
		completeErase(line);
		assert.equal(pictureOf(line), "xB.");
	});

	test("overrides an earlier one, and makes what is known of the line void", () => {
		const line = lineOf("aBc");
		line.known = {} as Line["known"];
		eraseLater(line, 0);
		eraseLater(line, BACKGROUND);
		assert.equal(line.known, undefined);
		completeErase(line);
		assert.equal(pictureOf(line), ".B.");
	});
});
