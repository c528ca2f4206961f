import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { blankRow } from "../../../src/terminal/screen/row.js";
import { blankScreen } from "../../../src/terminal/screen/screen.js";
import {
	type FeedPosition,
	type FeedTarget,
	hasLinesToFeed,
	initialPosition,
	samePosition,
	sameTarget,
} from "../../../src/terminal/scrollback-feed/position.js";

const PLACE: FeedPosition = { phase: "lines", line: 7, fed: 3, turns: 1, sizes: 0 };
const WANTED: FeedTarget = {
	screen: { ...blankScreen(10, 4), top: 9 },
	fullScreen: false,
	mode: "lines",
	limit: 100,
	sizes: 0,
};

test("a client begins with nothing on its screen that has to be kept", () => {
	assert.deepEqual(initialPosition(5), { phase: "initial", line: 5, fed: 0, turns: 0, sizes: 0 });
});

test("two places are the same when a client at either has to be shown the same next", () => {
	assert.equal(samePosition(PLACE, { ...PLACE }), true);
	for (const other of [
		{ phase: "detached" },
		{ line: 8 },
		{ fed: 4 },
		{ turns: 2 },
		{ sizes: 1 },
		{ height: 2 },
		{ marker: { line: 8, skipped: 2, row: blankRow(10) } },
	] as const) {
		assert.equal(samePosition(PLACE, { ...PLACE, ...other }), false, JSON.stringify(other));
	}
});

test("the way is the same to screens at the same line, however they look", () => {
	assert.equal(sameTarget(WANTED, { ...WANTED, screen: { ...WANTED.screen, cursorRow: 2 } }), true);
	for (const other of [
		{ mode: "flood" },
		{ mode: "held" },
		{ limit: 99 },
		{ sizes: 1 },
		{ fullScreen: true },
		{ screen: { ...WANTED.screen, top: 10 } },
	] as const) {
		assert.equal(sameTarget(WANTED, { ...WANTED, ...other }), false, Object.keys(other).join());
	}
});

describe("there is further to go", () => {
	for (const [mode, place, expected] of [
		["lines", { line: 8 }, true],
		["lines", { line: 9 }, false],
		["lines", { line: 9, phase: "detached" }, true],
		["lines", { line: 9, phase: "flushing" }, true],
		["flood", { line: 9 }, true],
		["flood", { line: 9, phase: "detached" }, false],
		["still", { line: 0 }, false],
		["held", { line: 0 }, false],
		["waits", { line: 0 }, false],
	] as const) {
		test(`${expected ? "" : "no more "}to ${mode} from ${JSON.stringify(place)}`, () => {
			assert.equal(hasLinesToFeed({ ...PLACE, ...place }, { ...WANTED, mode }), expected);
		});
	}
});
