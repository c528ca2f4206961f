/** Widths for xterm.js, and which cell a mark joins. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { WidthProvider } from "../../../src/terminal/emulator/width-provider.js";
import { bareTerminal, writeNow } from "../../support/counted-work.js";

function cellsAfter(output: string, columns = 20): string[] {
	const { terminal } = bareTerminal(columns, 3);
	terminal.unicode.register(new WidthProvider(terminal));
	terminal.unicode.activeVersion = "wcwidth";
	writeNow(terminal, output);
	const line = terminal.buffer.active.getLine(0);
	const cells = Array.from({ length: columns }, (_, column) => line?.getCell(column));
	return cells.map((cell) => (cell?.getWidth() === 0 ? "<" : (cell?.getChars() ?? ""))).slice(0, 6);
}

describe("characters", () => {
	const cases: readonly (readonly [name: string, output: string, cells: readonly string[]])[] = [
		["of one column", "aé─", ["a", "é", "─", "", "", ""]],
		["of two columns", "漢😀", ["漢", "<", "😀", "<", "", ""]],
		["that glibc does not know", "\u{40000}a", ["\u{40000}", "a", "", "", "", ""]],
		["that are marks join the one before", "e\u0301x", ["e\u0301", "x", "", "", "", ""]],
		["that are marks join a wide one", "漢\u3099x", ["漢\u3099", "<", "x", "", "", ""]],
		["that are marks join it after a sequence too", "e\x1b[4m\u0301x", ["e\u0301", "x", "", "", "", ""]],
		["joined by a joiner keep their cells", "👩\u200d💻", ["👩\u200d", "<", "💻", "<", "", ""]],
	];
	for (const [name, output, cells] of cases) {
		test(name, () => assert.deepEqual(cellsAfter(output), cells));
	}

	test("a cell takes no more than 31 marks", () => {
		const longest = Math.max(...cellsAfter(`e${"\u0301".repeat(100)}`).map((text) => text.length));
		assert.ok(longest <= 32, String(longest));
	});
});

test("wcwidth gives unprintable characters one column", () => {
	const provider = new WidthProvider(bareTerminal().terminal);
	assert.deepEqual(
		[0x61, 0x301, 0x6f22, 0x40000].map((codePoint) => provider.wcwidth(codePoint)),
		[1, 0, 2, 1],
	);
});
