/** Widths of code points, against those recorded from glibc, and which of them are ambiguous. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { codePointWidth, hasAmbiguousWidth } from "../../../src/terminal/screen/width.js";
import { glibcWidth } from "../../support/stock-emulator/index.js";

describe("codePointWidth", () => {
	test("is that of the recorded library for every code point", () => {
		const different: string[] = [];
		for (let codePoint = 0x100; codePoint < 0x110000; codePoint++) {
			if (codePointWidth(codePoint) !== glibcWidth(codePoint)) {
				different.push(codePoint.toString(16));
			}
		}
		assert.deepEqual(different, []);
	});

	test("tells marks, narrow, wide and unknown characters apart", () => {
		const widths = ["a", "\u0301", "漢", "😀", "\u{40000}"].map((text) =>
			codePointWidth(text.codePointAt(0) ?? 0),
		);
		assert.deepEqual(widths, [1, 0, 2, 2, -1]);
	});

	test("knows nothing beyond Unicode", () => {
		assert.equal(codePointWidth(0x110000), -1);
	});
});

describe("hasAmbiguousWidth", () => {
	test("is false for what text is mostly made of", () => {
		const agreed = "Latin ÀÉ Ελληνικά Кириллица עברית العربية ไทย 漢字かなカナ한글 ｱｲｳ ─│█ →✓ … “”€ e\u0301";
		for (const character of agreed) {
			assert.equal(hasAmbiguousWidth(character.codePointAt(0) ?? 0), false, character);
		}
	});

	test("is true for emoji, private use, joiners and whatever changed in Unicode 16", () => {
		for (const character of "😀\ue0b0\u200d☰䷀\u1100🇫") {
			assert.equal(hasAmbiguousWidth(character.codePointAt(0) ?? 0), true, character);
		}
	});
});
