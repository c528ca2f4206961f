/** Cells moved as words: the same cells as xterm.js would leave, at a cost that does not grow with the row. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { copyCell } from "../../../src/terminal/emulator/cell-moves.js";
import { CELL, EXTENDED_BIT } from "../../../src/terminal/emulator/internals.js";
import { Emulator } from "../../../src/terminal/index.js";
import { bareTerminal, cellsTouched, writeNow } from "../../support/counted-work.js";

const COLUMNS = 1_000;
const TIMES = 100;
/** The cell printed, the one before it and those at the ends of the row. */
const CELLS_EACH = 8;

const ROWS = {
	letters: "x".repeat(COLUMNS),
	"characters with marks": "e\u0301".repeat(COLUMNS),
	"wide characters": "\u6f22".repeat(COLUMNS / 2),
	"underline styles": `\x1b[4:3m${"x".repeat(COLUMNS)}`,
};

const UNITS = {
	"a character in insert mode": "\x1b[4h\x1b[Hy",
	"insert a character": "\x1b[H\x1b[@",
	"insert many characters": "\x1b[H\x1b[999@",
	"delete a character": "\x1b[H\x1b[P",
	"delete many characters": "\x1b[H\x1b[999P",
	"erase characters": "\x1b[H\x1b[999X",
	"erase the row": "\x1b[2K",
	"erase unprotected cells of the row": "\x1b[?2K",
};

describe("cells touched one by one", () => {
	for (const [kind, row] of Object.entries(ROWS)) {
		for (const [name, unit] of Object.entries(UNITS)) {
			test(`${name} of a row of ${kind}`, () => {
				const emulator = new Emulator({ columns: COLUMNS, rows: 4, onReply: () => {} });
				emulator.write(Buffer.from(row));
				const touched = cellsTouched(() => emulator.write(Buffer.from(unit.repeat(TIMES))));
				assert.ok(touched <= TIMES * CELLS_EACH, `${touched} cells in ${TIMES} times`);
				emulator.dispose();
			});
		}
	}
});

describe("copyCell", () => {
	test("fills as many cells as it is told", () => {
		const { terminal, core } = bareTerminal();
		writeNow(terminal, "\x1b[31mx\x1b[m----");
		const line = core._inputHandler._activeBuffer.getBlankLine();
		const from = core._inputHandler._activeBuffer.lines.get(0);
		assert.ok(from);
		line.copyFrom(from);
		copyCell(line, 0, 3);
		const cells = [0, 1, 2, 3, 4].map((column) => [
			...line._data.subarray(column * CELL, (column + 1) * CELL),
		]);
		assert.deepEqual(cells[3], cells[0]);
		assert.notDeepEqual(cells[4], cells[0]);
		assert.equal(cells[4]?.[0], from._data[4 * CELL]);
	});

	test("takes along what is not in the words", () => {
		const { terminal, core } = bareTerminal();
		writeNow(terminal, "\x1b[4:3mx");
		const line = core._inputHandler._activeBuffer.lines.get(0);
		assert.ok(line);
		assert.ok((line._data[2] ?? 0) & EXTENDED_BIT);
		copyCell(line, 0, 2);
		assert.equal(line._extendedAttrs[2], line._extendedAttrs[0]);
		assert.notEqual(line._extendedAttrs[2], undefined);
		assert.equal(line._extendedAttrs[3], undefined);
	});
});
