/** Whether xterm.js is still made as internals.ts says, and what is done when it is not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import headless, { type Terminal } from "@xterm/headless";
import { internalsOf, lineOfRow, wordsAsBytes } from "../../../src/terminal/emulator/internals.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

test("xterm.js is made as internals.ts says", () => {
	assert.ok(internalsOf(new headless.Terminal({ allowProposedApi: true })));
});

test("what is made otherwise is left alone", () => {
	assert.equal(internalsOf({ cols: 80 } as unknown as Terminal), undefined);
});

test("a row's line holds what was printed in it", () => {
	const { terminal, core } = bareTerminal();
	writeNow(terminal, "\r\nA");
	assert.equal(lineOfRow(core._inputHandler._activeBuffer, 1)?._data[0], 0x41 | (1 << 22));
});

test("a view of words is of those words only", () => {
	const words = Uint32Array.of(1, 2, 3, 4);
	assert.deepEqual([...wordsAsBytes(words, 1, 2)], [2, 0, 0, 0, 3, 0, 0, 0]);
	assert.deepEqual([...wordsAsBytes(words.subarray(2), 0, 1)], [3, 0, 0, 0]);
});
