/** Text and line feeds: that they leave what xterm.js leaves, and that a flood sets no cell through it. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Terminal } from "@xterm/headless";
import fc from "fast-check";
import type { Core } from "../../../src/terminal/emulator/internals.js";
import { takeOverPlainText } from "../../../src/terminal/emulator/plain-text.js";
import { WidthProvider } from "../../../src/terminal/emulator/width-provider.js";
import { Emulator } from "../../../src/terminal/index.js";
import { bareTerminal, cellsTouched, writeNow } from "../../support/counted-work.js";

const FLOODS: Readonly<Record<string, string>> = {
	"lines that wrap": `${"log line of a daemon ".repeat(5)}\r\n`,
	"short lines": "100000\r\n",
	"wide characters": `${"漢字".repeat(19)}\u{1f600}\r\n`,
	"letters beyond ASCII": "naïve Übergröße\r\n",
	"changes of colour": "\x1b[1;38;5;200msocket \x1b[0m\r\n",
};

describe("a flood sets no cell one by one", () => {
	for (const [name, line] of Object.entries(FLOODS)) {
		test(name, () => {
			const emulator = new Emulator({ columns: 80, rows: 24, onReply: () => {} });
			const bytes = Buffer.from(line.repeat(200));
			// The first blank line of each kind is made by xterm.js.
			emulator.write(bytes);
			assert.equal(
				cellsTouched(() => emulator.write(bytes)),
				0,
			);
			emulator.dispose();
		});
	}
});

function terminalOf(columns: number, rows: number): { readonly terminal: Terminal; readonly core: Core } {
	const { terminal, core } = bareTerminal(columns, rows);
	terminal.unicode.register(new WidthProvider(terminal, core));
	terminal.unicode.activeVersion = "wcwidth";
	return { terminal, core };
}

/** All that printing and line feeds change. */
function stateOf({ _inputHandler: handler }: Core): unknown {
	const { lines, ybase, x, y, _rows: rows, _cols: columns } = handler._activeBuffer;
	const all = Array.from({ length: rows }, (_, row) => {
		const line = lines.get(ybase + row);
		return [[...(line?._data.subarray(0, columns * 3) ?? [])], { ...line?._combined }, line?.isWrapped];
	});
	return [all, x, y, handler._parser.precedingJoinState];
}

const piece = fc.oneof(
	{
		weight: 6,
		arbitrary: fc.constantFrom("a", "bc", "a line that wraps", "漢", "漢字漢字", "a漢b", "é", "ﷺ\ue000"),
	},
	{
		weight: 2,
		arbitrary: fc.constantFrom("\u0301", "e\u0301x", "漢\u0301字", "\u200d", "\u{1f600}\u{1f3fd}"),
	},
	{ weight: 3, arbitrary: fc.constantFrom("\r\n", "\n", "\r", "\b", "\v", "\t") },
	fc.constantFrom("\x1b[41m", "\x1b[m", "\x1b[4:3m", "\x1b[1;4;32m", "\x1b[48;2;1;2;3m"),
	fc.constantFrom("\x1b[?7l", "\x1b[?7h", "\x1b[4h", "\x1b[4l", "\x1b(0", "\x1b(B"),
	fc.constantFrom("\x1b[2;3r", "\x1b[1;1r", "\x1b[r", "\x1b[2J", "\x1b[K", "\x1b[3P", "\x1b[2@", "\x1bM"),
	fc
		.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 9 }))
		.map(([row, column]) => `\x1b[${row};${column}H`),
);

test("text and line feeds leave the words of all cells, wraps and the cursor as xterm.js would", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 2, max: 9 }),
			fc.integer({ min: 1, max: 4 }),
			fc.array(piece, { maxLength: 30 }),
			(columns, rows, pieces) => {
				const theirs = terminalOf(columns, rows);
				const ours = terminalOf(columns, rows);
				takeOverPlainText(ours.core);
				for (const text of pieces) {
					writeNow(theirs.terminal, text);
					writeNow(ours.terminal, text);
					assert.deepEqual(stateOf(ours.core), stateOf(theirs.core), JSON.stringify(text));
				}
				theirs.terminal.dispose();
				ours.terminal.dispose();
			},
		),
		{ numRuns: 1_000 },
	);
});
