import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HistoryWindow } from "../../../../src/server/session/view/window.js";
import { Emulator } from "../../../../src/terminal/index.js";

/** Lines 0 to 19 on a screen of 5 rows. */
function windowOf({ rows = 5, lines = 20 } = {}) {
	const emulator = new Emulator({ columns: 20, rows, historyLines: 100, onReply: () => {} });
	emulator.write(Buffer.from(Array.from({ length: lines }, (_, line) => `line ${line}`).join("\r\n")));
	assert.ok(emulator.history);
	const { first } = emulator.history;
	const at = (line: number) => ({ line: first + line, cell: 0 });
	return { window: new HistoryWindow(emulator, emulator.history), at };
}

describe("the part of a history on the screen", () => {
	test("is a row less for the bar, and a page one less for what stays; at least one", () => {
		const { window } = windowOf();
		assert.deepEqual([window.rows, window.page], [4, 3]);
		const { window: low } = windowOf({ rows: 1 });
		assert.deepEqual([low.rows, low.page], [1, 1]);
	});

	test("goes from the oldest line to the screen", () => {
		const { window, at } = windowOf();
		assert.deepEqual(window.oldest, at(0));
		assert.deepEqual(window.live, at(15));
		assert.deepEqual(window.moved(window.live, -2), at(13));
	});

	test("stays where a match is on it already", () => {
		const { window, at } = windowOf();
		assert.deepEqual(window.topFor(at(7), at(5)), at(5));
	});

	test("else has the match in its middle, or as far down as there is something to see", () => {
		const { window, at } = windowOf();
		assert.deepEqual(window.topFor(at(10), at(0)), at(8));
		assert.deepEqual(window.topFor(at(19), at(0)), at(16));
		assert.deepEqual(window.topFor(at(0), at(9)), at(0));
	});
});
