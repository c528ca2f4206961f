/** Tab stops: those xterm.js would have set, for each screen its own. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { limitWork } from "../../../src/terminal/emulator/limits.js";
import { setTabStopsFast } from "../../../src/terminal/emulator/tab-stops.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

/** Columns at which the cursor stops when tabbing from the left margin. */
function stops(output: string, columns = 30): number[] {
	const { terminal, core } = bareTerminal(columns);
	limitWork(terminal, core);
	writeNow(terminal, `${output}\r`);
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
		const first = bareTerminal(30).core._inputHandler._activeBuffer;
		setTabStopsFast(first);
		const second = bareTerminal(30).core._inputHandler._activeBuffer;
		first.tabs[3] = true;
		assert.equal(second.tabs[3], undefined);
		assert.equal(second.tabs[8], true);
	});

	test("are added where a screen grows", () => {
		const { terminal, core } = bareTerminal(20);
		setTabStopsFast(core._inputHandler._activeBuffer);
		terminal.resize(40, 24);
		assert.deepEqual(Object.keys(core._inputHandler._activeBuffer.tabs), ["0", "8", "16", "24", "32"]);
	});
});
