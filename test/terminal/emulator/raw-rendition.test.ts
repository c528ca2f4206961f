/** The words of xterm.js's cells, as renditions. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { colourOf, foregroundOf } from "../../../src/terminal/emulator/raw-rendition.js";
import {
	BLINK,
	BOLD,
	INDEXED,
	INVERSE,
	INVISIBLE,
	ITALIC,
	RGB,
	UNDERLINE,
} from "../../../src/terminal/screen/rendition.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

for (const [parameters, foreground, background] of [
	["0", 0, 0],
	["1", BOLD, 0],
	["3", ITALIC, 0],
	["4", UNDERLINE, 0],
	["5", BLINK, 0],
	["7", INVERSE, 0],
	["8", INVISIBLE, 0],
	["31;42", INDEXED | 1, INDEXED | 2],
	["91;102", INDEXED | 9, INDEXED | 10],
	["38;5;200;48;2;1;2;3", INDEXED | 200, RGB | 0x010203],
] as const) {
	test(`after SGR ${parameters}`, () => {
		const { terminal, core } = bareTerminal();
		writeNow(terminal, `\x1b[${parameters}m`);
		const { fg, bg } = core._inputHandler._curAttrData;
		assert.deepEqual([foregroundOf(fg, bg), colourOf(bg)], [foreground >>> 0, background]);
	});
}
