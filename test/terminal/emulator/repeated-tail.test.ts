/** A line may tell of cells instead of holding them only while it is blank beneath. */
import assert from "node:assert/strict";
import { beforeEach, describe, test } from "node:test";
import { CELL, type Line } from "../../../src/terminal/emulator/internals.js";
import {
	blankBeforeTail,
	completeLine,
	completeUnlessFull,
	noteBlank,
	noteHandedOut,
	notePrinted,
	repeatLater,
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

describe("repeatLater", () => {
	test("writes nothing until the line is handed out again", () => {
		print("ab");
		assert.equal(repeatLater(line, 2, COLUMNS), true);
		assert.equal(contents(), "ab........");
		noteHandedOut(line);
		assert.equal(contents(), "abbbbbbbbb");
	});

	test("or completed to be read", () => {
		print("a");
		repeatLater(line, 1, COLUMNS);
		completeLine(line);
		completeLine(line);
		assert.equal(contents(), "aaaaaaaaaa");
	});

	test("up to a column, and further from there", () => {
		print("a");
		assert.equal(repeatLater(line, 1, 3), true);
		assert.equal(repeatLater(line, 3, 5), true);
		assert.equal(repeatLater(line, 6, 7), false);
		assert.equal(contents(), "a.........");
		completeUnlessFull(line);
		assert.equal(contents(), "aaaaa.....");
		print("b", 5);
		assert.equal(repeatLater(line, 6, COLUMNS), true);
		completeUnlessFull(line);
		assert.equal(contents(), "aaaaab....");
	});

	test("takes text printed in pieces", () => {
		print("a");
		print("b", 1);
		assert.equal(repeatLater(line, 2, COLUMNS), true);
	});

	test("refuses a line of which a later cell has been printed", () => {
		print("z", 5);
		print("a");
		assert.equal(repeatLater(line, 1, COLUMNS), false);
		assert.equal(line.repeatedTail, undefined);
	});

	test("refuses a line handed out for anything but printing", () => {
		print("a");
		noteHandedOut(line);
		assert.equal(repeatLater(line, 1, COLUMNS), false);
		noteHandedOut(line);
		notePrinted(line, 1);
		assert.equal(repeatLater(line, 1, COLUMNS), false);
	});

	test("refuses a line that is full already, and any but the last blank one", () => {
		print("a");
		repeatLater(line, 1, COLUMNS);
		print("b");
		assert.equal(repeatLater(line, 1, COLUMNS), false);
		const other = line.clone();
		assert.equal(repeatLater(other, 1, COLUMNS), false);
	});
});

describe("blankBeforeTail", () => {
	test("blanks the cells that were written, and no other is", () => {
		print("ab");
		repeatLater(line, 2, COLUMNS);
		assert.equal(blankBeforeTail(line, 0, true), true);
		assert.equal(contents(), "..........");
		assert.equal(line.isWrapped, true);
		assert.equal(line.repeatedTail, undefined);
	});

	test("makes a line that may be filled again", () => {
		print("ab");
		repeatLater(line, 2, COLUMNS);
		blankBeforeTail(line, 0, false);
		print("c");
		assert.equal(repeatLater(line, 1, COLUMNS), true);
		completeLine(line);
		assert.equal(contents(), "cccccccccc");
	});

	test("refuses another background, and a line that holds its cells", () => {
		print("a");
		assert.equal(blankBeforeTail(line, 0, false), false);
		repeatLater(line, 1, COLUMNS);
		assert.equal(blankBeforeTail(line, COLOUR, false), false);
		completeLine(line);
		assert.equal(blankBeforeTail(line, 0, false), false);
		assert.equal(contents(), "aaaaaaaaaa");
	});
});
