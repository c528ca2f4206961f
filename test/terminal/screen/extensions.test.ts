import assert from "node:assert/strict";
import { test } from "node:test";
import { darker } from "../../../src/terminal/screen/extensions.js";
import { BOLD, INDEXED, INVISIBLE, RGB } from "../../../src/terminal/screen/rendition.js";

const indexed = (colour: number) => INDEXED | colour;

test("a darker colour is grey for the default and white, a normal one for a bright one, half of a direct one", () => {
	for (const [colour, expected] of [
		[0, indexed(8)],
		[indexed(7), indexed(8)],
		[indexed(15), indexed(8)],
		[indexed(9), indexed(1)],
		[indexed(14), indexed(6)],
		[indexed(1), indexed(1)],
		[indexed(8), indexed(8)],
		[indexed(200), indexed(200)],
		[RGB | 0xff8001, RGB | 0x7f4000],
	] as const) {
		assert.equal(darker(colour), expected, colour.toString(16));
	}
});

test("attributes stay", () => {
	assert.equal(darker((BOLD | indexed(9)) >>> 0), (BOLD | indexed(1)) >>> 0);
	assert.equal(darker(INVISIBLE + indexed(9)), INVISIBLE + indexed(1));
});
