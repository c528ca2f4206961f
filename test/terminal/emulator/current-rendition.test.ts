/** The current rendition as read from xterm.js, compared with the one tracked from sequences. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CurrentRendition } from "../../../src/terminal/emulator/current-rendition.js";
import { modesOf } from "../../../src/terminal/emulator/private-modes.js";
import { RenditionTracker } from "../../../src/terminal/emulator/rendition-tracker.js";
import type { Extension } from "../../../src/terminal/screen/extensions.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

const piece = fc.oneof(
	fc.constantFrom("\x1b[m", "\x1b[1;2;9m", "\x1b[38;5;200m", "\x1b[38;2;1;2;3m", "\x1b[41m", "\x1b[22;29m"),
	fc.constantFrom("\x1b[4:3m", "\x1b[21m", "\x1b[24m", "\x1b[97;100m", "\x1b[7;8;5;3m", "\x1b[39;49m"),
	fc.constantFrom("\x1b7", "\x1b8", "\x1b[s", "\x1b[u", "\x1bc", "\x1b[!p", "x"),
	fc.constantFrom("\x1b[?1049h", "\x1b[?1049l", "\x1b[?1048h", "\x1b[?1048l", "\x1b[?47h", "\x1b[?47l"),
);
const extensions = fc
	.subarray<Extension>(["faint", "strike", "faint-grey", "cursor"])
	.map((names) => new Set(names));

test("it is the one that is tracked", () => {
	fc.assert(
		fc.property(extensions, fc.array(piece, { maxLength: 20 }), (shown, pieces) => {
			const { terminal, core } = bareTerminal();
			const read = new CurrentRendition(core, shown);
			const tracked = new RenditionTracker(terminal, modesOf(terminal, core), shown);
			for (const text of pieces) {
				writeNow(terminal, text);
				assert.deepEqual(read.current, tracked.current, JSON.stringify(text));
			}
			terminal.dispose();
		}),
		{ numRuns: 500 },
	);
});

test("it is the same object until it changes", () => {
	const { terminal, core } = bareTerminal();
	const rendition = new CurrentRendition(core, new Set());
	writeNow(terminal, "\x1b[31m");
	const { current } = rendition;
	assert.equal(rendition.current, current);
	writeNow(terminal, "\x1b[32m");
	assert.notEqual(rendition.current, current);
});
