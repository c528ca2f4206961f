/** The ranges of agreed widths: in order, apart, and of characters that have a width. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AGREED_RANGES } from "../../../src/terminal/screen/agreed-widths.js";
import { codePointWidth } from "../../../src/terminal/screen/width.js";

test("ranges are in ascending order and do not overlap", () => {
	let previous = -1;
	for (const [first, last] of AGREED_RANGES) {
		assert.ok(first > previous && last >= first, `${first.toString(16)}-${last.toString(16)}`);
		previous = last;
	}
});

test("ASCII is in, controls are not", () => {
	const within = (codePoint: number): boolean =>
		AGREED_RANGES.some(([first, last]) => codePoint >= first && codePoint <= last);
	assert.deepEqual([0x1f, 0x20, 0x7e, 0x7f, 0x9f, 0xa0].map(within), [false, true, true, false, false, true]);
});

test("what is agreed on to be wide is wide here, and the rest is not", () => {
	const wide = AGREED_RANGES.filter(([first]) => first >= 0x3041 && first <= 0xac00);
	assert.ok(wide.length > 5);
	for (const [first] of wide) {
		assert.equal(codePointWidth(first), first === 0x3099 ? 0 : 2, first.toString(16));
	}
	for (const [first] of AGREED_RANGES.filter(([last]) => last < 0x1100)) {
		assert.notEqual(codePointWidth(first), 2, first.toString(16));
	}
});
