/** SGR sequences from one rendition to another: the shortest, and right whatever came before. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renditionSequence } from "../../../src/terminal/diff/rendition-sequence.js";
import {
	ATTRIBUTES,
	BOLD,
	INDEXED,
	INVERSE,
	INVISIBLE,
	type Rendition,
	RGB,
	UNDERLINE,
} from "../../../src/terminal/screen/rendition.js";

const of = (foreground = 0, background = 0): Rendition => ({ foreground: foreground >>> 0, background });
const plain = of();

describe("renditionSequence", () => {
	const cases: readonly (readonly [name: string, from: Rendition, to: Rendition, sequence: string])[] = [
		["nothing", of(BOLD, INDEXED), of(BOLD, INDEXED), ""],
		["an attribute", plain, of(BOLD), "\x1b[1m"],
		[
			"one attribute less of two, by a reset where that is no longer",
			of(BOLD | UNDERLINE),
			of(UNDERLINE),
			"\x1b[;4m",
		],
		["everything off", of(BOLD | UNDERLINE | INDEXED | 3, INDEXED | 4), plain, "\x1b[m"],
		["the first eight colours", plain, of(INDEXED | 1, INDEXED | 7), "\x1b[31;47m"],
		["bright colours", plain, of(INDEXED | 8, INDEXED | 15), "\x1b[90;107m"],
		["the palette", plain, of(INDEXED | 16, INDEXED | 255), "\x1b[38;5;16;48;5;255m"],
		["a colour of its own", plain, of(RGB | 0x010203, RGB | 0xff0000), "\x1b[38;2;1;2;3;48;2;255;0;0m"],
		["the default foreground only", of(INDEXED | 1, INDEXED | 2), of(0, INDEXED | 2), "\x1b[39m"],
		["the default background only", of(INDEXED | 1 | BOLD, INDEXED | 2), of(INDEXED | 1 | BOLD), "\x1b[49m"],
		["a reset where it is as short", of(BOLD), plain, "\x1b[m"],
		["black, which is not the default", plain, of(INDEXED, RGB), "\x1b[30;48;2;0;0;0m"],
		["the highest bit", of(INVISIBLE), of(INVISIBLE | INVERSE), "\x1b[7m"],
	];
	for (const [name, from, to, sequence] of cases) {
		test(name, () => assert.equal(renditionSequence(from, to), sequence));
	}

	for (const { bit, on, off } of ATTRIBUTES) {
		test(`code ${on} sets and ${off} clears an attribute beside others`, () => {
			const others = ATTRIBUTES.reduce((all, other) => (other.bit === bit ? all : all | other.bit), 0);
			assert.equal(renditionSequence(of(others), of(others | bit)), `\x1b[${on}m`);
			assert.equal(renditionSequence(of(others | bit), of(others)), `\x1b[${off}m`);
		});
	}
});
