/**
 * Steps from screen to screen. What a client's terminal keeps of them is told by the steps themselves here, and by a model of the
 * client in test/server/session/native-scrollback.test.ts.
 */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DEFAULT_RENDITION } from "../../../src/terminal/screen/rendition.js";
import type { Row } from "../../../src/terminal/screen/row.js";
import { blankScreen } from "../../../src/terminal/screen/screen.js";
import { textRow } from "../../../src/terminal/screen/text-row.js";
import { ScrollbackFeed } from "../../../src/terminal/scrollback-feed/feed.js";
import {
	type FedScreen,
	type FeedTarget,
	initialPosition,
} from "../../../src/terminal/scrollback-feed/position.js";
import { textOf } from "../../support/row-text.js";

const [COLUMNS, ROWS] = [60, 4];

const lineRow = (line: number): Row => textRow(COLUMNS, `line ${line}`, DEFAULT_RENDITION);

/** Lines from `first` to `bottom`. */
const tapeOf = (first: number, bottom: number, cleared = 0) => ({ first, bottom, cleared, row: lineRow });

/** The screen whose top row is line `top`. */
function wantedAt(top: number, change: Partial<FeedTarget> = {}, rows = ROWS): FeedTarget {
	const lines = Array.from({ length: rows }, (_, row) => lineRow(top + row));
	const screen = { ...blankScreen(COLUMNS, rows), lines, cursorRow: rows - 1, cursorColumn: 0, top };
	return { screen, fullScreen: false, mode: "lines", limit: 1000, sizes: 0, ...change };
}

const fresh = (line: number): FedScreen => ({
	screen: blankScreen(COLUMNS, ROWS),
	position: initialPosition(line),
	fullScreen: false,
});

/** A client that shows line `top` in its top row, and has all before. */
function shownAt(top: number): FedScreen {
	const wanted = wantedAt(top);
	const step = new ScrollbackFeed(tapeOf(0, top + ROWS)).step(fresh(top), wanted, false);
	assert.equal(step.screen, wanted.screen);
	return step;
}

/** Goes all the way. */
function travel(passage: ScrollbackFeed, from: FedScreen, wanted: FeedTarget) {
	const kept: string[] = [];
	let last = from;
	let steps = 0;
	for (; last.screen !== wanted.screen; steps++) {
		assert.ok(steps < 1000, "there is no end to it");
		const step = passage.step(last, wanted, false);
		const up = step.position.fed - last.position.fed;
		assert.ok(up < last.screen.rows, "one row has to stay");
		kept.push(...last.screen.lines.slice(0, up).map(textOf));
		last = step;
	}
	return { kept, last, steps };
}

const texts = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line ${from + i}`);

describe("lines that scroll off", () => {
	test("are fed once and in order, less than a screen at a time", () => {
		const wanted = wantedAt(23);
		const { kept, last, steps } = travel(new ScrollbackFeed(tapeOf(0, 27)), shownAt(5), wanted);
		assert.deepEqual(kept, texts(5, 23));
		assert.equal(last.screen, wanted.screen);
		assert.equal(last.position.line, 23);
		assert.equal(steps, 6, "three lines a step");
	});

	test("are shown as they are to be kept before they scroll off", () => {
		const shown = shownAt(5);
		const changed = {
			...shown.screen,
			lines: shown.screen.lines.with(0, textRow(COLUMNS, "$ ls", DEFAULT_RENDITION)),
		};
		const { kept } = travel(new ScrollbackFeed(tapeOf(0, 12)), { ...shown, screen: changed }, wantedAt(8));
		assert.deepEqual(kept, texts(5, 8));
	});

	test("are shown again first when the client may show something besides", () => {
		const step = new ScrollbackFeed(tapeOf(0, 12)).step(shownAt(5), wantedAt(8), true);
		assert.equal(step.position.fed, 0);
		assert.equal(step.position.turns, 1);
		assert.deepEqual(step.screen.lines.map(textOf), texts(5, 9));
	});

	test("beyond what the tape still has are left out, and one line says how many", () => {
		const { kept, last } = travel(new ScrollbackFeed(tapeOf(15, 27)), shownAt(5), wantedAt(23));
		assert.deepEqual(kept, ["[mosh: 10 lines skipped]", ...texts(15, 23)]);
		assert.equal(last.position.line, 23);
	});

	test("that the program has dropped itself are not told, nor counted", () => {
		const { kept, last } = travel(new ScrollbackFeed(tapeOf(18, 27, 18)), shownAt(5), wantedAt(23));
		assert.deepEqual(kept, texts(18, 23));
		assert.equal(last.position.line, 23);
		const wanted = wantedAt(23);
		const all = new ScrollbackFeed(tapeOf(23, 27, 23)).step(shownAt(5), wanted, false);
		assert.equal(all.screen, wanted.screen);
		assert.deepEqual([all.position.line, all.position.fed], [23, 0]);
	});

	test("that the tape loses while that is told are counted in", () => {
		const wanted = wantedAt(23);
		const told = new ScrollbackFeed(tapeOf(15, 27)).step(shownAt(5), wanted, false);
		assert.equal(textOf(told.screen.lines[0] as Row), "[mosh: 10 lines skipped]");
		const { kept } = travel(new ScrollbackFeed(tapeOf(18, 27)), told, wanted);
		assert.deepEqual(kept, ["[mosh: 13 lines skipped]", ...texts(18, 23)]);
	});
});

describe("nothing scrolls", () => {
	test("where nothing is to, or the screen has one row", () => {
		for (const wanted of [wantedAt(23, { mode: "still" }), wantedAt(5)]) {
			const step = new ScrollbackFeed(tapeOf(0, 27)).step(shownAt(5), wanted, false);
			assert.equal(step.screen, wanted.screen);
			assert.equal(step.position.fed, 0);
			assert.equal(step.position.line, 5);
		}
		const low: FedScreen = { ...fresh(0), screen: blankScreen(COLUMNS, 1) };
		const one = wantedAt(23, {}, 1);
		assert.equal(new ScrollbackFeed(tapeOf(0, 27)).step(low, one, false).screen, one.screen);
	});

	test("to a new size; rows that a lower terminal pushes off count as fed", () => {
		const wanted = wantedAt(6, {}, 3);
		const step = new ScrollbackFeed(tapeOf(0, 27)).step(shownAt(5), wanted, false);
		assert.equal(step.screen, wanted.screen);
		assert.equal(step.position.line, 6);
		assert.equal(step.position.fed, 1);
	});
});

describe("a terminal that has got another size", () => {
	const feed = new ScrollbackFeed(tapeOf(0, 27));
	const fedAt = (top: number): FedScreen => {
		const shown = shownAt(top);
		return { ...shown, position: { ...shown.position, fed: top } };
	};
	/** Line 5 was in the top row, and line 8 may be by now; then the window got `rows` rows. */
	const resizedTo = (rows: number, change: Partial<FeedTarget> = {}): FeedTarget => {
		const shown = [fedAt(5), fedAt(8)];
		const changes = [{ columns: COLUMNS, rows, earliest: 0, latest: 1 }];
		return wantedAt(8, { sizes: 1, mode: "held", resized: { shown, certain: 0, changes }, ...change }, rows);
	};

	test("is shown nothing while it may get the next", () => {
		const last = fedAt(8);
		assert.equal(feed.step(last, resizedTo(6, { mode: "waits" }), false), last);
	});

	test("is shown the lines that it may lack; they scroll once it certainly shows them", () => {
		const step = feed.step(fedAt(8), resizedTo(6), false);
		assert.deepEqual(
			step.screen.lines.map(textOf),
			texts(3, 9),
			"two lines of the scrollback have come back",
		);
		assert.deepEqual(
			[step.position.line, step.position.fed, step.position.sizes],
			[3, step.position.line, 1],
		);
		assert.deepEqual(feed.step(step, resizedTo(6), false), step, "until then, nothing changes");
		const { kept } = travel(feed, step, wantedAt(8, { sizes: 1 }, 6));
		assert.deepEqual(kept, texts(3, 8));
	});

	test("has taken back more lines if it is wider and they had wrapped", () => {
		const wrapping = { ...tapeOf(0, 27), row: (line: number) => lineRow(line).wrapping(line % 2 === 0) };
		const changes = [{ columns: 2 * COLUMNS, rows: ROWS, earliest: 0, latest: 0 }];
		const resized = { shown: [fedAt(8)], certain: 0, changes };
		const wanted = wantedAt(8, { sizes: 1, mode: "held", resized });
		const screen = { ...wanted.screen, columns: 2 * COLUMNS };
		const step = new ScrollbackFeed(wrapping).step(fedAt(8), { ...wanted, screen }, false);
		assert.equal(step.position.line, 4, "twice as many lines have room");
	});

	test("is shown the screen itself if a program is on the alternate screen", () => {
		const wanted = resizedTo(6, { fullScreen: true });
		const step = feed.step(fedAt(8), wanted, false);
		assert.equal(step.screen, wanted.screen);
		assert.equal(step.position.line, 3);
	});

	test("and again the one before is cleared by way of a third, as a client clears for another size only", () => {
		const wanted = resizedTo(ROWS);
		const blank = feed.step(fedAt(8), wanted, false);
		assert.notEqual(blank.screen.columns, COLUMNS);
		assert.deepEqual([...new Set(blank.screen.lines.map(textOf))], [""]);
		assert.equal(blank.position.sizes, 0);
		const step = feed.step(blank, wanted, false);
		assert.deepEqual(step.screen.lines.map(textOf), texts(5, 9));
		assert.equal(step.position.sizes, 1);
	});
});

describe("a flood", () => {
	test("scrolls the screen before it off, then only shows what passes", () => {
		const passage = new ScrollbackFeed(tapeOf(0, 500));
		const wanted = wantedAt(400, { mode: "flood" });
		const { kept, last } = travel(passage, shownAt(5), wanted);
		assert.deepEqual(kept, texts(5, 9));
		assert.equal(last.position.phase, "detached");
		const later = wantedAt(450, { mode: "flood" });
		const next = passage.step(last, later, false);
		assert.equal(next.screen, later.screen);
		assert.equal(next.position.fed, last.position.fed);
	});

	test("leaves its last lines, up to the limit, once it is over", () => {
		const passage = new ScrollbackFeed(tapeOf(0, 504));
		const { last: adrift } = travel(passage, shownAt(5), wantedAt(400, { mode: "flood" }));
		const { kept, last } = travel(passage, adrift, wantedAt(500, { limit: 10 }));
		assert.deepEqual(kept, ["[mosh: 481 lines skipped]", ...texts(490, 500)]);
		assert.equal(last.position.line, 500);
	});
});
