/** The bits of a rendition: apart from each other and from the colour. */
import assert from "node:assert/strict";
import { test } from "node:test";
import {
	ATTRIBUTES,
	COLOUR_MASK,
	DEFAULT_RENDITION,
	FOREGROUND_COLOUR_MASK,
	INDEXED,
	KIND_MASK,
	RGB,
} from "../../../src/terminal/screen/rendition.js";

test("no two attributes share a bit, and none is part of the colour", () => {
	let used = FOREGROUND_COLOUR_MASK;
	for (const { bit } of ATTRIBUTES) {
		assert.equal((used & bit) >>> 0, 0, bit.toString(16));
		used |= bit;
	}
	assert.equal(used >>> 0, 0xffffffff, "every bit has a meaning");
});

test("the kinds of colour are told apart, and from a colour's value", () => {
	assert.equal(INDEXED & RGB, 0);
	assert.equal((INDEXED | RGB) & KIND_MASK, KIND_MASK);
	assert.equal(KIND_MASK & COLOUR_MASK, 0);
});

test("every attribute is cleared by a code that no other is set or cleared by", () => {
	const codes = ATTRIBUTES.flatMap(({ on, off }) => [on, off]);
	assert.equal(new Set(codes).size, codes.length);
});

test("the default has neither colours nor attributes, and cannot be changed", () => {
	assert.deepEqual(DEFAULT_RENDITION, { foreground: 0, background: 0 });
	assert.equal(Object.isFrozen(DEFAULT_RENDITION), true);
});
