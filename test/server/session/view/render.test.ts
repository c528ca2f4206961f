import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { renderView } from "../../../../src/server/session/view/render.js";
import type { ViewState } from "../../../../src/server/session/view/view-state.js";
import { Emulator } from "../../../../src/terminal/index.js";
import { textOf } from "../../../support/row-text.js";

/** Lines 0 to 19 on a screen of so many rows, looked at from a line on. */
function screenFrom(line: number, more: Partial<ViewState> = {}, rows = 5) {
	const emulator = new Emulator({ columns: 40, rows, historyLines: 100, onReply: () => {} });
	emulator.write(
		Buffer.from(`\x1b]2;title\x07${Array.from({ length: 20 }, (_, at) => `line ${at}`).join("\r\n")}`),
	);
	const { history } = emulator;
	assert.ok(history);
	const looking: ViewState = {
		top: { line: history.first + line, cell: 0 },
		openedAt: history.end,
		note: "",
		...more,
	};
	return renderView(emulator.snapshot(), history, looking);
}

describe("the screen of a user who looks back", () => {
	test("has lines of the history above a bar, no cursor, and all else as the program has it", () => {
		const screen = screenFrom(3);
		assert.deepEqual(screen.lines.slice(0, -1).map(textOf), ["line 3", "line 4", "line 5", "line 6"]);
		assert.equal(textOf(screen.lines[4] ?? assert.fail()), " History: line 4 of 20");
		assert.deepEqual([screen.cursorVisible, screen.title, screen.lines.length], [false, "title", 5]);
	});

	test("ends in blank rows below the last line", () => {
		const screen = screenFrom(18);
		assert.deepEqual(screen.lines.slice(0, -1).map(textOf), ["line 18", "line 19", "", ""]);
	});

	test("has the prompt instead of the bar while a search is typed, and its cursor", () => {
		const top = { line: 0, cell: 0 };
		const { lines, cursorVisible, cursorRow, cursorColumn } = screenFrom(3, {
			prompt: { sign: "/", text: "abc", top, from: top },
		});
		assert.equal(textOf(lines[4] ?? assert.fail()), "/abc");
		assert.deepEqual([cursorVisible, cursorRow, cursorColumn], [true, 4, 4]);
	});

	test("of one row is a line, or the prompt", () => {
		assert.deepEqual(screenFrom(3, {}, 1).lines.map(textOf), ["line 3"]);
		const top = { line: 0, cell: 0 };
		const prompt = { sign: "?", text: "x", top, from: top } as const;
		assert.deepEqual(screenFrom(3, { prompt }, 1).lines.map(textOf), ["?x"]);
	});
});
