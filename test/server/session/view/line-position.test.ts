import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	isBefore,
	isSame,
	movedBy,
	nearestKept,
	rowsFrom,
} from "../../../../src/server/session/view/line-position.js";
import { Emulator, type History } from "../../../../src/terminal/index.js";
import { textOf } from "../../../support/row-text.js";

/** Lines on a screen of 10 columns and 4 rows; the third is 25 cells long. */
function historyOf(lines = 100): History {
	const emulator = new Emulator({ columns: 10, rows: 4, historyLines: lines, onReply: () => {} });
	emulator.write(Buffer.from(`one\r\ntwo\r\n${"abcdefghij".repeat(2)}klmno\r\nfour\r\nfive\r\nsix\r\nend`));
	assert.ok(emulator.history);
	return emulator.history;
}

test("a position is before another by line, then by cell", () => {
	assert.equal(isBefore({ line: 1, cell: 9 }, { line: 2, cell: 0 }), true);
	assert.equal(isBefore({ line: 2, cell: 0 }, { line: 2, cell: 0 }), false);
	assert.equal(isBefore({ line: 2, cell: 0 }, { line: 2, cell: 1 }), true);
	assert.equal(isSame({ line: 2, cell: 1 }, { line: 2, cell: 1 }), true);
	assert.equal(isSame({ line: 2, cell: 1 }, { line: 2, cell: 0 }), false);
});

describe("on the tape", () => {
	test("a position that has gone is the oldest or the newest there is", () => {
		const history = historyOf();
		const { first, bottom } = history;
		assert.deepEqual(nearestKept(history, { line: first - 5, cell: 3 }), { line: first, cell: 0 });
		assert.deepEqual(nearestKept(history, { line: bottom + 5, cell: 3 }), { line: bottom - 1, cell: 0 });
		assert.deepEqual(nearestKept(history, { line: first, cell: 2 }), { line: first, cell: 2 });
	});

	test("rows follow each other as the screen is wide, whatever width the lines had", () => {
		const history = historyOf();
		const shown = (columns: number) =>
			rowsFrom(history, columns, { line: history.first, cell: 0 }, 5).map(({ row }) => textOf(row));
		assert.deepEqual(shown(10), ["one", "two", "abcdefghij", "abcdefghij", "klmno"]);
		assert.deepEqual(shown(30), ["one", "two", `${"abcdefghij".repeat(2)}klmno`, "four", "five"]);
	});

	test("moving goes by rows, and no further than there are any", () => {
		const history = historyOf();
		const top = { line: history.first, cell: 0 };
		const [, , third, fourth] = rowsFrom(history, 10, top, 4).map(({ position }) => position);
		assert.deepEqual(movedBy(history, 10, top, 2), third);
		assert.deepEqual(movedBy(history, 10, top, 3), fourth);
		assert.deepEqual(movedBy(history, 10, fourth ?? top, -3), top);
		assert.deepEqual(movedBy(history, 10, top, -9), top);
		const last = movedBy(history, 10, top, 999);
		assert.equal(rowsFrom(history, 10, last, 9).length, 1);
	});
});
