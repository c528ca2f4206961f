/** Screens: sizes that are possible, and when two clients could not be told apart. */
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blankRow, Row } from "../../../src/terminal/screen/row.js";
import { blankScreen, clampSize, type Screen, screensEqual } from "../../../src/terminal/screen/screen.js";

describe("clampSize", () => {
	const cases: readonly (readonly [columns: number, rows: number, clamped: readonly [number, number]])[] = [
		[80, 24, [80, 24]],
		[1, 0, [2, 1]],
		[1_001, 501, [1_000, 500]],
		[79.9, 23.9, [79, 23]],
		[Number.NaN, Number.NaN, [2, 1]],
		[Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, [1_000, 1]],
	];
	for (const [columns, rows, clamped] of cases) {
		test(`${columns}x${rows}`, () => {
			const size = clampSize(columns, rows);
			assert.deepEqual([size.columns, size.rows], clamped);
		});
	}
});

describe("blankScreen", () => {
	test("has blank rows, all the same object", () => {
		const { lines, rows } = blankScreen(5, 3);
		assert.equal(rows, 3);
		assert.equal(new Set(lines).size, 1);
		assert.ok(lines[0]?.equals(blankRow(5)));
	});

	test("has a size that is possible", () => {
		assert.equal(blankScreen(0, 9_999).lines.length, 500);
	});
});

describe("screensEqual", () => {
	const screen = blankScreen(4, 2);

	test("by contents, not by identity", () => {
		assert.equal(screensEqual(screen, { ...screen, lines: [blankRow(4), blankRow(4)] }), true);
	});

	const written = new Row(
		Uint32Array.from({ length: 12 }, () => 1),
		undefined,
		false,
	);
	const changes: readonly Partial<Screen>[] = [
		{ columns: 5 },
		{ rows: 3 },
		{ cursorRow: 1 },
		{ cursorColumn: 1 },
		{ cursorVisible: false },
		{ rendition: { foreground: 1, background: 0 } },
		{ rendition: { foreground: 0, background: 1 } },
		{ reverseVideo: true },
		{ bracketedPaste: true },
		{ focusReports: true },
		{ mouseMode: 1000 },
		{ mouseEncoding: 1006 },
		{ title: "t" },
		{ iconName: "i" },
		{ clipboard: "QQ==" },
		{ bells: 1 },
		{ lines: [written, blankRow(4)] },
		{ lines: [blankRow(4)] },
	];
	for (const change of changes) {
		test(`not with another ${Object.keys(change).join()}: ${JSON.stringify(Object.values(change)).slice(0, 40)}`, () => {
			assert.equal(screensEqual(screen, { ...screen, ...change }), false);
		});
	}
});
