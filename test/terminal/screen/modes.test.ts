/** The modes a program sets: which are tracked, and what resets them. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { modesOf } from "../../../src/terminal/emulator/private-modes.js";
import { MOUSE_ENCODINGS, Modes } from "../../../src/terminal/screen/modes.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

function modesAfter(output: string): Modes {
	const { terminal } = bareTerminal();
	const modes = new Modes(terminal.parser, modesOf(terminal, undefined));
	writeNow(terminal, output);
	return modes;
}

describe("modes", () => {
	const cases: readonly (readonly [output: string, mode: keyof Modes, value: boolean | number])[] = [
		["", "cursorVisible", true],
		["\x1b[?25l", "cursorVisible", false],
		["\x1b[?25l\x1b[!p", "cursorVisible", true],
		["\x1b[?5h", "reverseVideo", true],
		["\x1b[?5h\x1b[?5l", "reverseVideo", false],
		["\x1b[?2004h", "bracketedPaste", true],
		["\x1b[?1004h", "focusReports", true],
		["\x1b[?1007h", "alternateScroll", true],
		["\x1b[?1000h\x1b[?1003h", "mouseMode", 1003],
		["\x1b[?1003h\x1b[?1000l", "mouseMode", 0],
		["\x1b[?9h", "mouseMode", 9],
		["\x1b[?1006h", "mouseEncoding", 1006],
		["\x1b[?1006h\x1b[?1015h", "mouseEncoding", 1015],
		["\x1b[?1006h\x1b[?1015l\x1b[?1005l", "mouseEncoding", 1006],
		["\x1b[?1006h\x1b[?1015h\x1b[?1006l", "mouseEncoding", 1015],
		["\x1b[?1016h", "mouseEncoding", 0],
		["\x1b[?5;2004;1002h", "mouseMode", 1002],
		["\x1b[25l", "cursorVisible", true],
	];
	for (const [output, mode, value] of cases) {
		test(`${mode} is ${value} after ${JSON.stringify(output)}`, () =>
			assert.equal(modesAfter(output)[mode], value));
	}

	test("the encoding is the last one set, unless that one was reset since", () => {
		const step = fc.record({ mode: fc.constantFrom(...MOUSE_ENCODINGS), on: fc.boolean() });
		fc.assert(
			fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
				const last = steps.findLastIndex(({ on }) => on);
				const encoding = steps[last]?.mode ?? 0;
				const reset = steps.slice(last + 1).some(({ mode }) => mode === encoding);
				const output = steps.map(({ mode, on }) => `\x1b[?${mode}${on ? "h" : "l"}`).join("");
				assert.equal(modesAfter(output).mouseEncoding, reset ? 0 : encoding);
			}),
		);
	});

	test("a reset restores all of them", () => {
		const changed = modesAfter("\x1b[?5;1000;1004;1006;1007;2004h\x1b[?25l\x1bc");
		assert.deepEqual({ ...changed }, { ...modesAfter("") });
	});

	test("a soft reset makes the cursor visible and leaves the rest", () => {
		const changed = modesAfter("\x1b[?5;2004h\x1b[!p");
		assert.deepEqual([changed.reverseVideo, changed.bracketedPaste], [true, true]);
	});
});
