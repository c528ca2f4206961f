/**
 * A client whose C library has different widths for characters of ambiguous width: the error is confined to those
 * characters and never spreads along the row, to other rows, to the cursor or to the scroll position.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { blankScreen, Emulator, type Screen } from "../../../src/terminal/index.js";
import { EXTENSIONS } from "../../../src/terminal/screen/extensions.js";
import { AMBIGUOUS, CELL_WORDS, WIDE } from "../../../src/terminal/screen/row.js";
import { hasAmbiguousWidth } from "../../../src/terminal/screen/width.js";
import { output } from "../../support/program-output.js";
import { pictureOfScreen } from "../../support/screen-picture.js";
import { type CodePointWidth, glibcWidth, StockEmulator } from "../../support/stock-emulator/index.js";
import { verifiedDiff } from "../../support/verified-diff.js";

const columns = 40;
const rows = 8;

const ambiguousText = fc
	.array(
		fc.constantFrom(
			"😀",
			"👩\u200d💻",
			"🇫🇷",
			"\ue0b0",
			"क्षि",
			"a\u200bb",
			"\u1100\u1161\u11a8",
			"\u{1fae8}",
			"\u{11f02}",
			"x\u{10efd}",
			"abc",
			" ",
			"漢",
			"─",
		),
		{
			minLength: 1,
			maxLength: 8,
		},
	)
	.map((pieces) => pieces.join(""));
const placed = fc
	.tuple(fc.integer({ min: 1, max: rows }), fc.integer({ min: 1, max: columns }), ambiguousText)
	.map(([row, column, text]) => `\x1b[${row};${column}H${text}`);
const program = fc
	.array(fc.oneof({ weight: 2, arbitrary: placed }, { weight: 1, arbitrary: output }), { maxLength: 12 })
	.map((pieces) => pieces.join(""));

/** Another library: any width for what is ambiguous, glibc's for the rest. */
const library: fc.Arbitrary<CodePointWidth> = fc
	.array(fc.constantFrom(-1, 0, 1, 2), { minLength: 7, maxLength: 7 })
	.map(
		(widths) =>
			(codePoint): -1 | 0 | 1 | 2 =>
				hasAmbiguousWidth(codePoint) ? (widths[codePoint % 7] ?? 1) : glibcWidth(codePoint),
	);

/**
 * Columns that the text of an ambiguous cell can reach: to the left as a mark, to the right two for each code point; at
 * the margin it is printed so far to the left that those have room. A wide character reached by one of its halves is
 * reached whole: a mark goes to both, and where the client's last screen shows through in one, the other is not seen.
 */
function vicinity(screen: Screen, row: number): Set<number> {
	const near = new Set<number>();
	const line = screen.lines[row];
	if (line === undefined) {
		return near;
	}
	const has = (column: number, flag: number) => ((line.cells[column * CELL_WORDS] ?? 0) & flag) !== 0;
	for (let column = 0; column < screen.columns; column++) {
		if (!has(column, AMBIGUOUS)) {
			continue;
		}
		const reach = 2 * [...line.textAt(column)].length;
		const printed = Math.min(column, screen.columns - reach);
		for (let at = printed - 2; at <= column + reach; at++) {
			near.add(at);
		}
	}
	for (let column = 0; column < screen.columns; column++) {
		const halves = [column, column + 1];
		if (has(column, WIDE) && halves.some((half) => near.has(half))) {
			for (const half of halves) {
				near.add(half);
			}
		}
	}
	return near;
}

test("a disagreement about widths stays where it is", () => {
	fc.assert(
		fc.property(library, fc.boolean(), program, program, (wcwidth, extended, first, second) => {
			const extensions = new Set(extended ? EXTENSIONS : []);
			const emulator = new Emulator({ columns, rows, extensions, onReply: () => {} });
			const client = new StockEmulator(columns, rows, { wcwidth });
			emulator.write(Buffer.from(first));
			const base = emulator.snapshot();
			client.write(verifiedDiff(blankScreen(columns, rows), base));
			emulator.write(Buffer.from(second));
			const target = emulator.snapshot();
			const diff = verifiedDiff(base, target);
			client.write(diff);

			// A scroll may have carried along what was wrong in any row of the base.
			const before = new Set<number>();
			for (let row = 0; row < rows; row++) {
				for (const column of vicinity(base, row)) {
					before.add(column);
				}
			}
			const picture = client.screen();
			for (const [row, { cells }] of pictureOfScreen(target).lines.entries()) {
				const near = vicinity(target, row);
				for (const [column, cell] of cells.entries()) {
					if (near.has(column) || before.has(column)) {
						continue;
					}
					const shown = picture.lines[row]?.cells[column];
					assert.deepEqual(
						shown,
						cell,
						`row ${row}, column ${column} of ${JSON.stringify(Buffer.from(diff).toString())}`,
					);
				}
			}
			assert.deepEqual(picture.cursor, { row: target.cursorRow, column: target.cursorColumn });
			emulator.dispose();
		}),
		{ numRuns: 500, includeErrorInReport: true },
	);
});

test("a client that does not know a new character shows that there is one, in the columns that it takes", () => {
	for (const [text, shown] of [
		["ab\u{1fae8}cd", "ab\ufffd cd"],
		["ab\u{11f02}cd", "ab\ufffdcd"],
		["\x1b[1;39H\u{1fae8}", `${" ".repeat(38)}\ufffd`],
		["\x1b[1;40H\u{11f02}", `${" ".repeat(39)}\ufffd`],
		[`${"x".repeat(39)}\u{1fae8}`, "x".repeat(39)],
	] as const) {
		const emulator = new Emulator({ columns, rows, onReply: () => {} });
		emulator.write(Buffer.from("#".repeat(columns * rows)));
		const base = emulator.snapshot();
		emulator.write(Buffer.from(`\x1b[2J\x1b[H${text}`));
		const target = emulator.snapshot();
		const client = new StockEmulator(columns, rows);
		client.write(verifiedDiff(blankScreen(columns, rows), base));
		client.write(verifiedDiff(base, target));
		const { lines, cursor } = client.screen();
		assert.equal(
			(lines[0]?.cells ?? [])
				.map((cell) => cell.text)
				.join("")
				.trimEnd(),
			shown,
		);
		assert.deepEqual(cursor, { row: target.cursorRow, column: target.cursorColumn });
		emulator.dispose();
	}
});
