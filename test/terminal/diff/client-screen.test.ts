/** The client's emulator as far as diffs use it. That diffs lead it where they should: screen-diff.property.test.ts. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ClientScreen } from "../../../src/terminal/diff/client-screen.js";
import { blankScreen, type Screen } from "../../../src/terminal/screen/screen.js";
import { screenAfter } from "../../support/as-xterm.js";

const [COLUMNS, ROWS] = [8, 3];
const BLANK = blankScreen(COLUMNS, ROWS);

function client(hoststring = "", from: Screen = BLANK): ClientScreen {
	const made = new ClientScreen(from);
	made.write(Buffer.from(hoststring));
	return made;
}

/** How a client that was sent a hoststring differs from a screen of which these members are others. */
const difference = (hoststring: string, change: Partial<Screen> = {}) =>
	client(hoststring).differenceFrom({ ...BLANK, ...change });

describe("a client shows", () => {
	// The program's emulator shows the same after the same output, where both know it.
	for (const output of [
		"abc",
		"abc\r\ndef\x1b[1;2HX",
		"漢字x",
		"a\x1b[2Cb\x1b[3Dc\x1b[B\x1b[Ad",
		"abcdef\x1b[4D\x1b[2X\x1b[2@",
		"a\r\nb\r\nc\r\nd",
		"a\r\nb\r\nc\x1b[2;3r\x1b[S\x1b[1;3r",
		"a\r\nb\r\nc\x1b[T\x1b[2;1H",
		"a\r\nb\x1b[1;1H\x1b[J",
		"abcdefgh\x1b[2J\x1b[1;1H",
		"\x1b[1;31mx\x1b[0m",
		"abc\x1b[1;2H\x1b[K",
		"abcdefghi\x1b[1;1H",
	]) {
		test(`as the program's screen after ${JSON.stringify(output)}`, () => {
			const target = screenAfter(output, COLUMNS, ROWS);
			assert.equal(client(output).differenceFrom(target), undefined);
		});
	}

	test("titles, modes and the clipboard that it is told", () => {
		assert.equal(difference("\x1b]0;a\x07", { title: "a", iconName: "a" }), undefined);
		assert.equal(difference("\x1b]1;i\x07\x1b]2;t\x07", { title: "t", iconName: "i" }), undefined);
		assert.equal(difference("\x1b]52;c;eA==\x07", { clipboard: "eA==" }), undefined);
		assert.equal(difference("\x1b[?25l\x1b[?5h", { cursorVisible: false, reverseVideo: true }), undefined);
		assert.equal(difference("\x1b[?1002h\x1b[?1006h", { mouseMode: 1002, mouseEncoding: 1006 }), undefined);
		assert.equal(difference("\x1b[?1002h\x1b[?1002l"), undefined);
		assert.equal(difference("\x1b[4 q", { cursorShape: 4 }), undefined);
		assert.equal(difference("\x07", { bells: 1 }), undefined);
	});
});

describe("a difference is told in words:", () => {
	for (const [hoststring, change, words] of [
		["x", {}, /^the cursor is at 0,1 instead of 0,0$/],
		["x\r", {}, /^row 0, column 0 is "x"/],
		["x".repeat(COLUMNS), {}, /^a wrap is pending$/],
		["\x1b[2;3r", {}, /^the scrolling region/],
		["\x1b[1m", {}, /^the current rendition/],
		["\x07", {}, /^the bell rings$/],
		["", { bells: 2 }, /^the bell does not ring$/],
		["", { title: "t" }, /^title is "" instead of "t"$/],
		["", { columns: 9 }, /^the size is 8x3 instead of 9x3$/],
	] as const) {
		test(`${words.source}`, () => assert.match(difference(hoststring, change) ?? "", words));
	}
});

describe("what has no place in a diff is an error:", () => {
	for (const hoststring of [
		"\x1b[5n",
		"\x1b[",
		"\x1b7",
		"\t",
		"\x1b]4;1;?\x07",
		"\x1b]2;t",
		"\x1b[?6h",
		"\x1b[6m",
		"\uffff",
	]) {
		test(JSON.stringify(hoststring), () => {
			assert.throws(() => client(hoststring), /the client is sent|means nothing to the client/);
		});
	}

	test("bytes that are no text", () => {
		assert.throws(() => new ClientScreen(BLANK).write(Uint8Array.of(0xc3)));
	});
});

test("a resize cuts at the right and at the bottom, and takes the cursor along", () => {
	const resized = client("abcdef\r\nx\r\nyz");
	resized.resize(4, 2);
	const target = { ...screenAfter("abcd\r\nx", 4, 2), cursorRow: 1, cursorColumn: 2 };
	assert.equal(resized.differenceFrom(target), undefined);
});
