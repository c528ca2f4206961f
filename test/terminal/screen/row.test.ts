/** Rows: when two are equal, what text they hold, and which are blank. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	blankRow,
	CELL_WORDS,
	COMBINED,
	hashCells,
	Row,
	sameContents,
	WIDE,
} from "../../../src/terminal/screen/row.js";

function rowOf(words: readonly number[], combined?: ReadonlyMap<number, string>, wraps = false): Row {
	return new Row(Uint32Array.from(words), combined, wraps);
}

const A = [0x61, 0, 0];
const RED = [0, 0, 5];

describe("rows", () => {
	test("with the same cells are equal", () => {
		assert.equal(rowOf(A).equals(rowOf(A)), true);
		assert.equal(rowOf(A).hash, rowOf(A).hash);
	});

	for (const [index, name] of ["text", "foreground", "background"].entries()) {
		test(`differ by ${name}`, () => {
			const other = A.with(index, 9);
			assert.equal(rowOf(A).equals(rowOf(other)), false);
			assert.notEqual(rowOf(A).hash, rowOf(other).hash);
		});
	}

	test("look alike even if only one of them wraps, but are not equal", () => {
		const wrapping = rowOf(A, undefined, true);
		assert.equal(rowOf(A).looksLike(wrapping), true);
		assert.equal(rowOf(A).equals(wrapping), false);
	});

	test("differ by combined texts", () => {
		const cells = [0x65 | COMBINED, 0, 0];
		const acute = new Map([[0, "e\u0301"]]);
		const grave = new Map([[0, "e\u0300"]]);
		assert.equal(rowOf(cells, acute).equals(rowOf(cells, new Map(acute))), true);
		assert.equal(rowOf(cells, acute).equals(rowOf(cells, grave)), false);
		assert.equal(rowOf(cells, acute).equals(rowOf(cells)), false);
	});

	test("differ by width", () => {
		assert.equal(sameContents(rowOf(A), rowOf([...A, ...A]), false), false);
	});
});

describe("textAt", () => {
	test("is the code point, without flags", () => {
		assert.equal(rowOf([0x6f22 | WIDE, 0, 0]).textAt(0), "漢");
	});

	test("is the whole combined text", () => {
		assert.equal(rowOf([0x65 | COMBINED, 0, 0], new Map([[0, "e\u0301"]])).textAt(0), "e\u0301");
	});
});

describe("background", () => {
	test("is that of a row which is blank throughout", () => {
		assert.equal(rowOf([...RED, ...RED]).background, 5);
		assert.equal(blankRow(3).background, 0);
	});

	test("is undefined with text, with two backgrounds, and where the line continues", () => {
		assert.equal(rowOf([...RED, ...A]).background, undefined);
		assert.equal(rowOf([...RED, 0, 0, 6]).background, undefined);
		assert.equal(rowOf(RED, undefined, true).background, undefined);
	});
});

test("a blank row has the columns it is asked for", () => {
	assert.equal(blankRow(7).cells.length, 7 * CELL_WORDS);
	assert.equal(blankRow(7).hash, hashCells(new Uint32Array(7 * CELL_WORDS)));
});
