/** Titles, clipboard and bells: what is kept of them, and what a reset leaves. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Core, internalsOf } from "../../../src/terminal/emulator/internals.js";
import { OscState } from "../../../src/terminal/emulator/osc-state.js";
import { limitStrings } from "../../../src/terminal/emulator/string-limit.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

function stateAfter(output: string): OscState {
	const { terminal } = bareTerminal();
	terminal.options.windowOptions = { pushTitle: true, popTitle: true };
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
	[
		"the clipboard, whatever the selection",
		"\x1b]52;c;QQ==\x07\x1b]52;;Qg==\x07",
		{ clipboard: "Qg==", copies: 2 },
	],
	["no clipboard without a selection's end", "\x1b]52;QQ==\x07", { clipboard: "", copies: 0 }],
	["how often the same text was copied", "\x1b]52;c;QQ==\x07\x1b]52;c;QQ==\x07", { copies: 2 }],
	[
		"a clipboard cut to whole groups of base64",
		`\x1b]52;c;${"QUJD".repeat(5_000)}\x07`,
		{ clipboard: "QUJD".repeat(4_094) },
	],
	[
		"the title from before it was saved",
		"\x1b]0;a\x07\x1b[22;0;0t\x1b]0;b\x07\x1b[23;0;0t",
		{ title: "a", iconName: "a" },
	],
	["only the title", "\x1b]0;a\x07\x1b[22t\x1b]0;b\x07\x1b[23;2t", { title: "a", iconName: "b" }],
	["only the icon name", "\x1b]0;a\x07\x1b[22;1t\x1b]0;b\x07\x1b[23t", { title: "b", iconName: "a" }],
	[
		"titles in the order of a stack",
		"\x1b]2;a\x07\x1b[22t\x1b]2;b\x07\x1b[22t\x1b]2;c\x07\x1b[23t\x1b[23t",
		{ title: "a" },
	],
	["the title when none was saved", "\x1b]2;a\x07\x1b[23t\x1b[22;7t\x1b[23t", { title: "a" }],
	[
		"ten titles",
		`${[..."abcdefghijklm"].map((letter) => `\x1b]2;${letter}\x07\x1b[22t`).join("")}${"\x1b[23t".repeat(13)}`,
		{ title: "d" },
	],
	["no titles saved before a reset", "\x1b]2;a\x07\x1b[22t\x1bc\x1b[23t", { title: "" }],
	["bells", "\x07\x07", { bells: 2 }],
	[
		"after a reset the icon name and the bells",
		"\x1b]0;a\x07\x07\x1b]52;c;QQ==\x07\x1bc",
		{ title: "", iconName: "a", clipboard: "", bells: 1 },
	],
];
for (const [name, output, expected] of cases) {
	test(`keeps ${name}`, () => {
		const { title, iconName, clipboard, copies, bells } = stateAfter(output);
		const state = { title, iconName, clipboard, copies, bells };
		assert.deepEqual({ ...state, ...expected }, state);
	});
}

test("any selection name, and any length, gives whole groups of base64", () => {
	const names = fc.oneof(
		fc.stringMatching(/^[cpqs0-7]{0,12}$/),
		fc.string({ unit: "grapheme", maxLength: 40 }).filter((name) => !/[;\p{Cc}]/u.test(name)),
		fc.nat(20_000).map((length) => "c".repeat(length)),
	);
	fc.assert(
		fc.property(names, fc.nat(6_000), (name, groups) => {
			const text = "QUJD".repeat(groups);
			const { terminal } = bareTerminal();
			limitStrings(internalsOf(terminal) as Core);
			const state = new OscState(terminal);
			writeNow(terminal, `\x1b]52;${name};${text}\x1b\\`);
			const room = Math.min(16_376, Math.max(0, 16_380 - [...name].length));
			assert.equal(state.clipboard, text.slice(0, room - (room % 4)));
		}),
		{ numRuns: 200 },
	);
});
