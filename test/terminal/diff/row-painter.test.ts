/** Painting a row: no more than differs, blanks in the shortest way, and care at the margin. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Painter } from "../../../src/terminal/diff/painter.js";
import { RowPainter } from "../../../src/terminal/diff/row-painter.js";
import { Emulator } from "../../../src/terminal/index.js";
import { DEFAULT_RENDITION } from "../../../src/terminal/screen/rendition.js";
import { Row } from "../../../src/terminal/screen/row.js";

const COLUMNS = 20;

function rowsOf(output: string): readonly Row[] {
	const emulator = new Emulator({ columns: COLUMNS, rows: 2, onReply: () => {} });
	emulator.write(Buffer.from(output));
	return emulator.snapshot().lines;
}

/** What turns the rows that one output leaves into those of another. */
function painted(from: string, to: string): string {
	const painter = new Painter(COLUMNS, 0, 0, DEFAULT_RENDITION);
	const rowPainter = new RowPainter(painter, COLUMNS);
	const [base, target] = [rowsOf(from), rowsOf(to)];
	for (const [row, line] of target.entries()) {
		rowPainter.paint(row, base[row] as Row, line);
	}
	return painter.text;
}

describe("RowPainter", () => {
	const cases: readonly (readonly [name: string, from: string, to: string, text: string])[] = [
		["nothing of equal rows", "abc", "abc", ""],
		["a character in the middle", "abcdefgh", "abcdXfgh", "\x1b[4CX"],
		["a run in one piece", "", "some text", "some text"],
		["line drawing and letters in one piece", "", "─┼─é", "─┼─é"],
		["each rendition once", "", "\x1b[1mab\x1b[mc", "\x1b[1mab\x1b[mc"],
		["few blanks as spaces", "abcdefgh", "ab  efgh", "ab  "],
		["many blanks by erasing them", "abcdefghijklmnopqrs", "a           mnopqrs", "a\x1b[11X"],
		["blanks up to the margin by erasing the rest", "abcdefgh", "ab", "ab\x1b[K"],
		["wide characters", "", "漢字", "漢字"],
		["marks with their character", "", "e\u0301x", "e\u0301x"],
	];
	for (const [name, from, to, text] of cases) {
		test(name, () => assert.equal(painted(from, to), text));
	}

	test("looks at the cells of the first rows only where many are alike", () => {
		for (const text of ["😀".repeat(10), `${"e\u0301漢".repeat(6)}xx`]) {
			const { textAt } = Row.prototype;
			const cost = (rows: number): number => {
				const emulator = new Emulator({ columns: COLUMNS, rows, onReply: () => {} });
				const base = emulator.snapshot();
				emulator.write(Buffer.from(text.repeat(rows)));
				const target = emulator.snapshot();
				let looks = 0;
				Row.prototype.textAt = function (column) {
					looks++;
					return textAt.call(this, column);
				};
				const painter = new Painter(COLUMNS, 0, 0, DEFAULT_RENDITION);
				const rowPainter = new RowPainter(painter, COLUMNS);
				for (const [row, line] of target.lines.entries()) {
					rowPainter.paint(row, base.lines[row] as Row, line);
				}
				Row.prototype.textAt = textAt;
				assert.equal(painter.row, rows - 1);
				emulator.dispose();
				return looks;
			};
			const [few, many] = [cost(6), cost(60)];
			assert.ok(few > 0 && many <= few + 2 * COLUMNS, `${few} and ${many} looks at cells`);
		}
	});

	test("prints the first cell of a row that the one above continues in", () => {
		const text = "x".repeat(COLUMNS + 2);
		assert.equal(painted("", text), text);
		assert.equal(painted(`${"x".repeat(COLUMNS - 1)}\r\nxx`, text), "\x1b[19Cxx");
	});

	test("positions the cursor anew after a character of ambiguous width", () => {
		assert.equal(painted("", "😀x"), "😀\x1b[;3Hx");
	});

	test("prints characters of ambiguous width at the margin further left, and pushes them there", () => {
		const text = painted("", `${" ".repeat(COLUMNS - 1)}\ue0b0`);
		assert.equal(text, "\x1b[18C\ue0b0\x1b[;19H\x1b[@ ");
	});

	test("moves over cells of the current rendition by printing them again", () => {
		const [line] = rowsOf("abc");
		const painter = new Painter(COLUMNS, 0, 0, DEFAULT_RENDITION);
		new RowPainter(painter, COLUMNS).moveTo(0, 2, line as Row);
		assert.equal(painter.text, "ab");
	});
});
