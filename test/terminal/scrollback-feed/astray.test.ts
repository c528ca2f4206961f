import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULT_RENDITION } from "../../../src/terminal/screen/rendition.js";
import type { Row } from "../../../src/terminal/screen/row.js";
import { blankScreen } from "../../../src/terminal/screen/screen.js";
import { textRow } from "../../../src/terminal/screen/text-row.js";
import { firstMissingLine } from "../../../src/terminal/scrollback-feed/astray.js";
import type { FedScreen, Resized } from "../../../src/terminal/scrollback-feed/position.js";

const [COLUMNS, ROWS] = [40, 6];

const lineRow = (line: number): Row => textRow(COLUMNS, `line ${line}`, DEFAULT_RENDITION);
const lines = { first: 0, bottom: 1_000, row: lineRow };

/** A full screen whose top row is line `line`, after as many have scrolled off. */
function showing(line: number, change: Partial<FedScreen> = {}, rows = ROWS): FedScreen {
	const text = Array.from({ length: rows }, (_, row) => lineRow(line + row));
	const screen = { ...blankScreen(COLUMNS, rows), lines: text, cursorRow: rows - 1, cursorColumn: 0 };
	return {
		screen,
		position: { phase: "lines", line, fed: line, turns: 0, sizes: 0 },
		fullScreen: false,
		...change,
	};
}

/** The window gets `heights` while the client has certainly drawn the first state, and may have drawn the first `latest` others. */
function missing(
	shown: readonly FedScreen[],
	heights: readonly number[],
	{ latest = 0, certain = shown.length - 1 } = {},
): number | undefined {
	const changes = heights.map((rows) => ({ columns: COLUMNS, rows, earliest: 0, latest }));
	return firstMissingLine({ shown, certain, changes } satisfies Resized, lines);
}

describe("a window that gets another size while nothing is under way", () => {
	for (const [what, heights, expected] of [
		["is lower: the upper rows scroll off", [4], 102],
		["is higher: lines are taken back", [9], 97],
		["comes back to its size", [9, 6], 100],
		["is lower, then higher", [3, 9], 97],
		["is higher, then lower", [9, 3], 103],
	] as const) {
		test(what, () => assert.equal(missing([showing(100)], heights), expected));
	}

	test("takes back no more than has scrolled off", () => {
		assert.equal(missing([showing(2)], [20]), 0);
	});

	test("drops what is below the cursor first", () => {
		const { screen, ...state } = showing(100);
		assert.equal(missing([{ ...state, screen: { ...screen, cursorRow: 3 } }], [4]), 100);
	});

	test("pushes no line of a program on the alternate screen", () => {
		assert.equal(missing([showing(100, { fullScreen: true })], [3]), 100);
	});
});

describe("states that are drawn after it", () => {
	test("scroll on in a lower window, with blank rows between, as what is drawn below it goes to its bottom row", () => {
		assert.equal(missing([showing(100), showing(103)], [4]), 106);
		assert.equal(missing([showing(100), showing(103), showing(106), showing(109)], [4]), 112);
	});

	test("are drawn over what a higher window has taken back", () => {
		// Three lines come back and go again. Then the cursor is no longer at the bottom, and nothing scrolls.
		assert.equal(missing([showing(100), showing(103)], [9]), 100);
		assert.equal(missing([showing(100), showing(103), showing(106), showing(109)], [9]), 100);
	});

	test("count only if they have certainly been drawn", () => {
		assert.equal(missing([showing(100), showing(103)], [4], { certain: 0 }), 102);
	});

	test("may have been drawn before: the worst counts", () => {
		const shown = [showing(100), showing(103)];
		assert.equal(missing(shown, [9], { latest: 1 }), 100);
		assert.equal(missing(shown, [4], { latest: 1 }), 105);
		assert.equal(
			firstMissingLine(
				{ shown, certain: 1, changes: [{ columns: COLUMNS, rows: 9, earliest: 1, latest: 1 }] },
				lines,
			),
			100,
		);
	});

	test("wrap where the window is narrower, and are then no longer the lines that they were", () => {
		const wide = (line: number): FedScreen => {
			const { screen, ...state } = showing(line);
			const text = screen.lines.map((_, row) =>
				textRow(COLUMNS, `line ${line + row} ${"x".repeat(20)}`, DEFAULT_RENDITION),
			);
			return { ...state, screen: { ...screen, lines: text } };
		};
		const known = { ...lines, row: (line: number) => wide(line).screen.lines[0] as Row };
		const shown = [wide(100), wide(105), wide(110), wide(115)];
		const narrowed = (columns: number) =>
			firstMissingLine(
				{ shown, certain: 3, changes: [{ columns, rows: ROWS, earliest: 0, latest: 0 }] },
				known,
			);
		assert.equal(narrowed(COLUMNS), 115);
		assert.equal(narrowed(20), 106);
	});

	test("may have been skipped, if a screen of another size follows", () => {
		const shown = [showing(100), showing(103), showing(100, {}, 4)];
		assert.equal(missing(shown, [4]), 102);
		assert.equal(missing([showing(100), showing(103), showing(106)], [4]), 109);
	});

	test("scroll where the screen of the new size is higher than the window by now", () => {
		const drawn = showing(100, {}, 9);
		assert.equal(missing([showing(100), drawn], [9, 4], { latest: 0 }), 105);
	});
});

describe("what cannot be known", () => {
	test("as lines are being left out", () => {
		const marker = { line: 100, skipped: 7, row: lineRow(100) };
		for (const change of [{ phase: "detached" }, { phase: "flushing" }, { marker }] as const) {
			const { position, ...state } = showing(100);
			assert.equal(missing([{ ...state, position: { ...position, ...change } }], [4]), undefined);
		}
	});

	test("as there are too many orders to be tried", () => {
		const shown = Array.from({ length: 40 }, (_, at) => showing(100 + at));
		const heights = Array.from({ length: 12 }, (_, at) => 4 + (at % 5));
		assert.equal(missing(shown, heights, { latest: 39 }), undefined);
	});
});

test("a row that has changed since it scrolled off is missing", () => {
	const { screen, ...state } = showing(100);
	const changed = { ...screen, lines: screen.lines.with(1, lineRow(7)) };
	assert.equal(missing([{ ...state, screen: changed }], [2]), 101);
});
