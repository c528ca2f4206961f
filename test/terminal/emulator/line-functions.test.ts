/** Sequences about lines that are carried out here rather than by xterm.js; random ones: line-functions.property.test.ts. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertPlain, screenAfter, showAsXterm, textsOf } from "../../support/as-xterm.js";
import { pictureOfScreen } from "../../support/screen-picture.js";

const LINES = "1\r\n2\r\n3\r\n4\r\n5";

describe("lines are", () => {
	showAsXterm([
		[`${LINES}\x1b[2;1H\x1b[2L`, ["1", "", "", "2", "3", "4", "5"], [1, 0]],
		[`${LINES}\x1b[2;1H\x1b[2M`, ["1", "4", "5"], [1, 0]],
		// Outside the margins nothing is inserted.
		[`${LINES}\x1b[2;3r\x1b[5;1H\x1b[L`, ["1", "2", "3", "4", "5"], [4, 0]],
		[`${LINES}\x1b[2;4r\x1b[S`, ["1", "3", "4", "", "5"], [0, 0]],
		[`${LINES}\x1b[2;4r\x1b[T`, ["1", "", "2", "3", "5"], [0, 0]],
		[`${LINES}\x1b[3;1H\x1b[J`, ["1", "2"], [2, 0]],
		[`${LINES}\x1b[3;1H\x1b[1J`, ["", "", "", "4", "5"], [2, 0]],
		[`${LINES}\x1b[2J`, [], [4, 1]],
	]);
});

test("a count beyond any screen is as good as its height", () => {
	for (const sequence of ["L", "M", "S", "T", "I", "Z"]) {
		const rows = textsOf(screenAfter(`\x1b[H${LINES}\x1b[H\x1b[2147483647${sequence}`));
		assert.equal(rows.length, 8, sequence);
	}
});

test("the colours of what is erased selectively, or shown for alignment, are the default ones", () => {
	assertPlain("\x1b[44mabc\x1b[41m\r\x1b[?K", 0, 4);
	assertPlain("\x1b[44;1m\x1b#8", 0, 4);
});

test("lines that are deleted, erased or scrolled away leave the current background", () => {
	for (const sequence of ["\x1b[M", "\x1b[2J", "\x1b[S", "\x1b[J"]) {
		const { lines } = pictureOfScreen(screenAfter(`x\r\x1b[44m${sequence}`));
		const row = sequence === "\x1b[S" || sequence === "\x1b[M" ? 7 : 1;
		assert.equal(lines[row]?.cells[0]?.rendition.background, 4, JSON.stringify(sequence));
	}
});
