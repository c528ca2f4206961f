import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Emulator, fitted, type Screen } from "../../../src/terminal/index.js";
import { CELL_WORDS } from "../../../src/terminal/screen/row.js";
import { verifiedDiff } from "../../support/verified-diff.js";

function screenOf(text: string, columns = 12, rows = 4): Screen {
	const emulator = new Emulator({ columns, rows, onReply: () => {} });
	emulator.write(Buffer.from(text));
	return emulator.snapshot();
}

function texts({ lines, columns }: Screen): string[] {
	return lines.map((row) =>
		Array.from({ length: columns }, (_, at) => (row.cells[at * CELL_WORDS] === 0 ? "." : row.textAt(at)))
			.join("")
			.replace(/\.*$/, ""),
	);
}

describe("a screen on a terminal of another size", () => {
	it("is the same object where it fits", () => {
		const screen = screenOf("text");
		assert.equal(fitted(screen, 12, 4), screen);
	});

	it("is cut at the right, and shows the cursor's row", () => {
		const screen = screenOf("one\r\ntwo\r\nthree\r\n0123456789");
		const fit = fitted(screen, 4, 2);
		assert.deepEqual(texts(fit), ["thre", "0123"]);
		assert.deepEqual([fit.cursorRow, fit.cursorColumn, fit.cursorVisible], [1, 3, false]);
		assert.deepEqual(texts(fitted(screenOf("one\r\ntwo\x1b[H"), 4, 1)), ["one"]);
	});

	it("is padded with blanks", () => {
		const fit = fitted(screenOf("one"), 20, 6);
		assert.deepEqual(texts(fit), ["one", "", "", "", "", ""]);
		assert.deepEqual([fit.columns, fit.lines.length, fit.cursorVisible], [20, 6, true]);
	});

	it("cuts wide characters, marks and links without leaving a half", () => {
		const screen = screenOf("ab\x1b[44m界e\u0301\u0302x\x1b[m\r\nabc\u0301d");
		for (let columns = 2; columns <= 14; columns++) {
			const fit = fitted(screen, columns, 3);
			verifiedDiff(screen, fit);
			verifiedDiff(fit, screen);
		}
		assert.deepEqual(texts(fitted(screen, 3, 2)), ["ab", "abc\u0301"]);
	});

	it("shares rows with what was fitted before", () => {
		const screen = screenOf("one");
		assert.equal(fitted(screen, 4, 2).lines[0], fitted(screen, 4, 2).lines[0]);
	});
});
