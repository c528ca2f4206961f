/** A line may tell of cells instead of holding them only while it is blank beneath. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { CELL, type Line } from "../../../src/terminal/emulator/internals.js";
import {
	blankBeforeTail,
	completeLine,
	noteBlank,
	noteHandedOut,
	notePrinted,
	repeatToEnd,
} from "../../../src/terminal/emulator/repeated-tail.js";
import { bareTerminal } from "../../support/counted-work.js";

const COLUMNS = 10;
const COLOUR = 0x1000001;

let line: Line;
beforeEach(() => {
	line = bareTerminal(COLUMNS).core._inputHandler._activeBuffer.getBlankLine();
	noteBlank(line, 0, 0);
});

function print(text: string, column = 0): void {
	noteHandedOut(line);
	for (const [index, character] of [...text].entries()) {
		line.setCellFromCodepoint(column + index, character.charCodeAt(0), 1, { fg: 0, bg: 0 });
	}
	notePrinted(line, column + text.length);
}

const contents = (): string =>
	Array.from({ length: COLUMNS }, (_, column) =>
		String.fromCharCode((line._data[column * CELL] ?? 0) & 0x1fffff),
	)
		.join("")
		.replaceAll("\0", ".");

describe("repeatToEnd", () => {
	test("writes nothing until the line is handed out again", () => {
		print("ab");
		assert.equal(repeatToEnd(line, 2), true);
		assert.equal(contents(), "ab........");
		noteHandedOut(line);
		assert.equal(contents(), "abbbbbbbbb");
	});

	test("or completed to be read", () => {
		print("a");
		repeatToEnd(line, 1);
		completeLine(line);
		completeLine(line);
		assert.equal(contents(), "aaaaaaaaaa");
	});

	test("takes text printed in pieces", () => {
		print("a");
		print("b", 1);
		assert.equal(repeatToEnd(line, 2), true);
	});

	test("refuses a line of which a later cell has been printed", () => {
		print("z", 5);
		print("a");
		assert.equal(repeatToEnd(line, 1), false);
		assert.equal(line.repeatedTail, undefined);
	});

	test("refuses a line handed out for anything but printing", () => {
		print("a");
		noteHandedOut(line);
		assert.equal(repeatToEnd(line, 1), false);
		noteHandedOut(line);
		notePrinted(line, 1);
		assert.equal(repeatToEnd(line, 1), false);
	});

	test("refuses a line that is full already, and any but the last blank one", () => {
		print("a");
		repeatToEnd(line, 1);
		print("b");
		assert.equal(repeatToEnd(line, 1), false);
		const other = line.clone();
		assert.equal(repeatToEnd(other, 1), false);
	});
});

describe("blankBeforeTail", () => {
	test("blanks the cells that were written, and no other is", () => {
		print("ab");
		repeatToEnd(line, 2);
		assert.equal(blankBeforeTail(line, 0, true), true);
		assert.equal(contents(), "..........");
		assert.equal(line.isWrapped, true);
		assert.equal(line.repeatedTail, undefined);
	});

	test("makes a line that may be filled again", () => {
		print("ab");
		repeatToEnd(line, 2);
		blankBeforeTail(line, 0, false);
		print("c");
		assert.equal(repeatToEnd(line, 1), true);
		completeLine(line);
		assert.equal(contents(), "cccccccccc");
	});

	test("refuses another background, and a line that holds its cells", () => {
		print("a");
		assert.equal(blankBeforeTail(line, 0, false), false);
		repeatToEnd(line, 1);
		assert.equal(blankBeforeTail(line, COLOUR, false), false);
		completeLine(line);
		assert.equal(blankBeforeTail(line, 0, false), false);
		assert.equal(contents(), "aaaaaaaaaa");
	});
});
