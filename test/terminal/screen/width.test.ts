/** Widths of code points, against those recorded from glibc, and which of them are ambiguous. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { codePointWidth, hasAmbiguousWidth, isNewCharacter } from "../../../src/terminal/screen/width.js";
import { glibcWidth } from "../../support/stock-emulator/index.js";

describe("codePointWidth", () => {
	test("is that of the recorded library for every code point that it knows", () => {
		const different: string[] = [];
		for (let codePoint = 0x100; codePoint < 0x110000; codePoint++) {
			if (!isNewCharacter(codePoint) && codePointWidth(codePoint) !== glibcWidth(codePoint)) {
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

	test("is known of newer characters, all of which the library does not know and others may", () => {
		for (const [codePoint, width] of [
			[0x1fae8, 2],
			[0x1fa77, 2],
			[0x1fad9, 2],
			[0x31ef, 2],
			[0x1faef, 2],
			[0x11f02, 1],
			[0x1133b, 0],
			[0x10efd, 0],
			[0x20c1, 1],
			[0x20c0, 1],
		] as const) {
			assert.equal(codePointWidth(codePoint), width, codePoint.toString(16));
		}
		for (let codePoint = 0; codePoint < 0x110000; codePoint++) {
			if (isNewCharacter(codePoint)) {
				assert.equal(glibcWidth(codePoint), -1);
				assert.equal(hasAmbiguousWidth(codePoint), true);
			}
		}
		assert.deepEqual([0x1fae8, 0x1f600, 0x378, 0xe000].map(isNewCharacter), [true, false, false, false]);
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
