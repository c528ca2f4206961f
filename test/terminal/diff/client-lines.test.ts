import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ClientLines } from "../../../src/terminal/diff/client-lines.js";
import { DEFAULT_RENDITION } from "../../../src/terminal/screen/rendition.js";
import { screenAfter } from "../../support/as-xterm.js";

const COLUMNS = 6;

/** The rows of the program's screen after some output. */
const rowsOf = (output: string, columns = COLUMNS, rows = 3) => screenAfter(output, columns, rows).lines;

function linesOf(output: string): ClientLines {
	return new ClientLines(COLUMNS, rowsOf(output));
}

function print(lines: ClientLines, row: number, column: number, text: string): void {
	for (const [index, character] of [...text].entries()) {
		lines.print(row, column + index, character, false, DEFAULT_RENDITION);
	}
}

function assertShows(lines: ClientLines, output: string, columns = COLUMNS, rows = 3): void {
	assert.equal(lines.differenceFrom(rowsOf(output, columns, rows)), undefined);
}

describe("a client's rows", () => {
	test("are those of the screen it holds until something is done to them", () => {
		assertShows(linesOf("abc\r\ndef"), "abc\r\ndef");
		assert.match(
			linesOf("abc").differenceFrom(rowsOf("abX")) ?? "",
			/^row 0, column 2 is "c" .* instead of "X"/,
		);
	});

	test("are printed to, erased and pushed", () => {
		const lines = linesOf("abcdef");
		print(lines, 0, 1, "XY");
		assertShows(lines, "aXYdef");
		lines.insert(0, 2, 2, 0);
		assertShows(lines, "aX\x1b[2CYd");
		lines.erase(0, 0, 3, 0);
		assertShows(lines, "\x1b[4CYd");
	});

	test("scroll within their region, either way, and no further than it", () => {
		const lines = linesOf("a\r\nb\r\nc");
		lines.scroll(0, 1, 1, 0);
		assertShows(lines, "b\r\n\r\nc");
		lines.scroll(0, 2, -1, 0);
		assertShows(lines, "\r\nb");
		lines.scroll(0, 2, 99, 0);
		assertShows(lines, "");
	});

	test("are cut and filled at the right and at the bottom when the size changes", () => {
		const lines = linesOf("abcdef\r\nx\r\ny");
		lines.resize(4, 2, 0);
		assertShows(lines, "abcd\r\nx", 4, 2);
		lines.resize(COLUMNS, 3, 0);
		assertShows(lines, "abcd\r\nx");
	});
});

describe("a wide character", () => {
	test("hides its right half, which a diff must not bring to light", () => {
		const lines = linesOf("");
		lines.print(0, 0, "漢", true, DEFAULT_RENDITION);
		assertShows(lines, "漢");
		print(lines, 0, 0, "a");
		assert.match(lines.differenceFrom(rowsOf("a")) ?? "", /^row 0, column 1 is/);
	});
});

describe("marks", () => {
	test("join a cell until it holds 32 bytes, and move the cursor where there was nothing", () => {
		const lines = linesOf("e");
		for (let i = 0; i < 40; i++) {
			assert.equal(lines.combine(0, 0, "\u0301"), false);
		}
		assertShows(lines, `e${"\u0301".repeat(40)}`);
		assert.equal(lines.combine(0, 1, "\u0301"), true);
	});
});

describe("whether a row goes on in the next", () => {
	test("is noticed, and forgotten by what is done at its end", () => {
		const wrapped = "abcdefg";
		const lines = linesOf("abcdef\r\ng");
		assert.equal(lines.differenceFrom(rowsOf(wrapped)), "row 0 does not continue in the next");
		lines.markWrapped(0);
		assertShows(lines, wrapped);
		print(lines, 0, 5, "f");
		assert.equal(lines.differenceFrom(rowsOf(wrapped)), "row 0 does not continue in the next");
		lines.markWrapped(0);
		lines.erase(0, 5, 6, 0);
		print(lines, 0, 5, "f");
		assertShows(lines, "abcdef\r\ng");
	});
});
