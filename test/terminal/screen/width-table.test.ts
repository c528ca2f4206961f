/** The generated table: well-formed, complete, and as short as runs can be. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { WIDTH_RUNS } from "../../../src/terminal/screen/width-table.js";

const runs = WIDTH_RUNS.split(" ").map((run) => ({
	length: Number.parseInt(run.slice(0, -1), 36),
	width: run.slice(-1),
}));

test("every run has a length and one of the seven classes", () => {
	for (const { length, width } of runs) {
		assert.ok(length > 0);
		assert.ok("0123456".includes(width), width);
	}
});

test("the runs cover Unicode, no further", () => {
	assert.equal(
		runs.reduce((sum, { length }) => sum + length, 0),
		0x110000,
	);
});

test("neighbouring runs differ", () => {
	for (const [index, { width }] of runs.entries()) {
		assert.notEqual(width, runs[index + 1]?.width);
	}
});
