/** The painter: where it believes the client's cursor to be, and the shortest way from there. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Painter } from "../../../src/terminal/diff/painter.js";
import { BOLD, DEFAULT_RENDITION, INDEXED } from "../../../src/terminal/screen/rendition.js";

function painterAt(row: number, column: number): Painter {
	return new Painter(80, row, column, DEFAULT_RENDITION);
}

describe("moveTo", () => {
	const moves: readonly (readonly [
		from: readonly [number, number],
		to: readonly [number, number],
		text: string,
	])[] = [
		[[3, 3], [3, 3], ""],
		[[3, 3], [0, 0], "\x1b[H"],
		[[3, 3], [3, 0], "\r"],
		[[3, 3], [4, 0], "\r\n"],
		[[3, 3], [4, 3], "\n"],
		[[3, 3], [3, 2], "\b"],
		[[3, 30], [3, 20], "\x1b[10D"],
		[[3, 3], [3, 4], "\x1b[C"],
		[[3, 3], [3, 13], "\x1b[10C"],
		[[9, 3], [2, 3], "\x1b[7A"],
		[[2, 3], [12, 3], "\x1b[10B"],
		[[2, 3], [20, 60], "\x1b[21;61H"],
		[[20, 3], [0, 60], "\x1b[;61H"],
	];
	for (const [from, to, text] of moves) {
		test(`from ${from} to ${to}`, () => {
			const painter = painterAt(...from);
			painter.moveTo(...to);
			assert.equal(painter.text, text);
			assert.equal(painter.isAt(...to), true);
		});
	}

	test("reprints where that is shorter, and only on the same row", () => {
		const painter = painterAt(3, 3);
		painter.moveTo(3, 5, (from, to) => "abcdefgh".slice(from, to));
		assert.equal(painter.text, "de");
		painter.moveTo(4, 7, () => assert.fail("another row"));
	});

	test("does not rely on the column after the last one", () => {
		const painter = painterAt(3, 79);
		painter.print("x", 1);
		assert.equal(painter.isAt(3, 80), false);
		painter.moveTo(3, 78);
		assert.equal(painter.text.slice(1), "\r\x1b[78C");
	});

	test("nor on that after text of ambiguous width", () => {
		const painter = painterAt(0, 0);
		painter.print("?", 1, true);
		assert.equal(painter.isAt(0, 1), false);
		painter.moveTo(0, 1);
		assert.equal(painter.text.slice(1), "\r\x1b[C");
	});
});

describe("print", () => {
	test("moves by the width it is given", () => {
		const painter = painterAt(0, 0);
		painter.print("漢", 2);
		assert.equal(painter.isAt(0, 2), true);
	});

	test("goes on in the next row when wrapped", () => {
		const painter = painterAt(5, 79);
		painter.print("x", 1);
		painter.printWrapped("y", 1);
		assert.equal(painter.isAt(6, 1), true);
		assert.equal(painter.text, "xy");
	});
});

describe("renditions", () => {
	test("are set once", () => {
		const painter = painterAt(0, 0);
		const bold = { foreground: BOLD, background: 0 };
		painter.setRendition(bold);
		painter.setRendition(bold);
		assert.equal(painter.text, "\x1b[1m");
		assert.equal(painter.rendition, bold);
	});

	test("to erase only the background matters, and the shorter sequence sets it", () => {
		const painter = new Painter(80, 0, 0, { foreground: BOLD, background: INDEXED | 1 });
		painter.eraseToEnd("K", 0);
		assert.equal(painter.text, "\x1b[m\x1b[K");
		painter.eraseCells(5, 0);
		assert.equal(painter.text, "\x1b[m\x1b[K\x1b[5X");
	});

	test("clearing uses the default background and moves home", () => {
		const painter = new Painter(80, 4, 4, { foreground: 0, background: INDEXED | 1 });
		painter.clear();
		assert.equal(painter.text, "\x1b[m\x1b[H\x1b[2J");
		assert.equal(painter.isAt(0, 0), true);
	});
});
