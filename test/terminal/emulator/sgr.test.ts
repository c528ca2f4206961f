/** SGR: that cells get what xterm.js gives them, and which sequences are left to it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { InputHandler } from "../../../src/terminal/emulator/internals.js";
import { takeOverSgr } from "../../../src/terminal/emulator/sgr.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

const EXTENDED = 1 << 28;

function words({ _curAttrData: { fg, bg } }: InputHandler): readonly number[] {
	return [fg | 0, (bg & ~EXTENDED) | 0];
}

const code = fc.oneof(
	{ weight: 4, arbitrary: fc.integer({ min: 0, max: 110 }) },
	{ weight: 2, arbitrary: fc.constantFrom("", "0", "1", "4", "22", "39", "49", "31", "102") },
	{
		weight: 2,
		arbitrary: fc.constantFrom(
			"38;5;200",
			"48;5;17",
			"38;5",
			"38",
			"48;2;1;2;3",
			"38;5;300",
			"58;5;1",
			"38;1;4",
		),
	},
	fc.constantFrom("4:3", "4:0", "38:5:1", "38:2::1:2:3", "48:2:1:2:3", "58:5:1", "99999"),
);
const sequence = fc.array(code, { maxLength: 5 }).map((codes) => `\x1b[${codes.join(";")}m`);

test("the words of the next character are those that xterm.js would print", () => {
	fc.assert(
		fc.property(fc.array(sequence, { minLength: 1, maxLength: 8 }), (sequences) => {
			const theirs = bareTerminal();
			const ours = bareTerminal();
			takeOverSgr(ours.core._inputHandler);
			for (const text of sequences) {
				writeNow(theirs.terminal, text);
				writeNow(ours.terminal, text);
				assert.deepEqual(
					words(ours.core._inputHandler),
					words(theirs.core._inputHandler),
					JSON.stringify(text),
				);
			}
			theirs.terminal.dispose();
			ours.terminal.dispose();
		}),
		{ numRuns: 2_000 },
	);
});

for (const [parameters, left] of [
	["", false],
	["1;38;5;200", false],
	["0;1;31;42", false],
	["39;49;22;24", false],
	["38;2;1;2;3", true],
	["4:3", true],
	["1;58;5;1", true],
] as const) {
	test(`SGR ${parameters} is ${left ? "left to xterm.js" : "looked up"}`, () => {
		const { terminal, core } = bareTerminal();
		const handler = core._inputHandler;
		const { charAttributes } = handler;
		let calls = 0;
		handler.charAttributes = (given) => {
			calls++;
			return charAttributes.call(handler, given);
		};
		takeOverSgr(handler);
		writeNow(terminal, `\x1b[${parameters}m`);
		assert.equal(calls, left ? 1 : 0);
	});
}
