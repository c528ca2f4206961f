/** Tab stops: those xterm.js would have set, for each screen its own. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limitWork } from "../../../src/terminal/emulator/limits.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

/** Columns at which the cursor stops when tabbing from the left margin. */
function stops(output: string, columns = 30, widthsBefore: readonly number[] = []): number[] {
	const { terminal, core } = bareTerminal(widthsBefore[0] ?? columns);
	limitWork(terminal, core);
	writeNow(terminal, `${output}\r`);
	for (const width of [...widthsBefore, columns]) {
		terminal.resize(width, 24);
	}
	const found: number[] = [];
	do {
		writeNow(terminal, "\t");
		found.push(terminal.buffer.active.cursorX);
	} while (found.at(-1) !== columns - 1);
	return found;
}

describe("tab stops", () => {
	const cases: readonly (readonly [name: string, output: string, stops: readonly number[]])[] = [
		["are eight columns apart", "", [8, 16, 24, 29]],
		["can be set", "\x1b[4G\x1bH", [3, 8, 16, 24, 29]],
		["can be cleared", "\x1b[9G\x1b[g", [16, 24, 29]],
		["can all be cleared", "\x1b[3g", [29]],
		["can be set after all were cleared", "\x1b[3g\x1b[5G\x1bH", [4, 29]],
		["are set anew by a reset", "\x1b[3g\x1bc", [8, 16, 24, 29]],
	];
	for (const [name, output, expected] of cases) {
		test(name, () => assert.deepEqual(stops(output), expected));
	}

	test("of one screen are not those of another", () => {
		const [first, second] = [bareTerminal(30), bareTerminal(30)];
		for (const { terminal, core } of [first, second]) {
			limitWork(terminal, core);
		}
		writeNow(first.terminal, "\x1b[4G\x1bH\x1b[9G\x1b[g");
		const [ours, others] = [first, second].map(({ core }) => core._inputHandler._activeBuffer.tabs);
		assert.deepEqual([ours?.[3], ours?.[8], others?.[3], others?.[8]], [1, 0, 0, 1]);
	});

	const widths: readonly (readonly [output: string, stops: readonly number[]])[] = [
		["", [8, 16, 24, 32, 40, 48, 49]],
		["\x1b[3g", [49]],
		["\x1b[3g\x1b[6G\x1bH", [5, 49]],
		["\x1b[6G\x1bH", [5, 8, 16, 24, 32, 40, 48, 49]],
		["\x1b[9G\x1b[g", [16, 24, 32, 40, 48, 49]],
	];
	for (const [output, expected] of widths) {
		test(`are the same on a screen that grows, or shrinks before that, after ${JSON.stringify(output)}`, () => {
			assert.deepEqual(stops(output, 50, [20]), expected);
			assert.deepEqual(stops(output, 50, [20, 4]), expected);
		});
	}
});
