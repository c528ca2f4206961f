/** Titles, clipboard and bells: what is kept of them, and what a reset leaves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OscState } from "../../../src/terminal/emulator/osc-state.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

function stateAfter(output: string): OscState {
	const { terminal } = bareTerminal();
	const state = new OscState(terminal);
	writeNow(terminal, output);
	return state;
}

const cases: readonly (readonly [name: string, output: string, state: Partial<OscState>])[] = [
	["both names by OSC 0", "\x1b]0;a\x07", { title: "a", iconName: "a" }],
	["both names by an OSC without a number", "\x1b];a\x07", { title: "a", iconName: "a" }],
	["the icon name by OSC 1", "\x1b]0;a\x07\x1b]1;b\x07", { title: "a", iconName: "b" }],
	["the title by OSC 2", "\x1b]0;a\x07\x1b]2;b\x07", { title: "b", iconName: "a" }],
	["an empty title", "\x1b]0;a\x07\x1b]2;\x07", { title: "" }],
	["a title with a semicolon", "\x1b]2;a;b\x07", { title: "a;b" }],
	["a title of 254 code points", `\x1b]2;${"😀".repeat(255)}\x07`, { title: "😀".repeat(254) }],
	["the clipboard, not other selections", "\x1b]52;c;QQ==\x07\x1b]52;p;Qg==\x07", { clipboard: "QQ==" }],
	[
		"a clipboard cut to whole groups of base64",
		`\x1b]52;c;${"QUJD".repeat(5_000)}\x07`,
		{ clipboard: "QUJD".repeat(4_094) },
	],
	["bells", "\x07\x07", { bells: 2 }],
	[
		"after a reset the icon name and the bells",
		"\x1b]0;a\x07\x07\x1b]52;c;QQ==\x07\x1bc",
		{ title: "", iconName: "a", clipboard: "", bells: 1 },
	],
];
for (const [name, output, expected] of cases) {
	test(`keeps ${name}`, () => {
		const { title, iconName, clipboard, bells } = stateAfter(output);
		const state = { title, iconName, clipboard, bells };
		assert.deepEqual({ ...state, ...expected }, state);
	});
}
