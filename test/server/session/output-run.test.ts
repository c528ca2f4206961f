import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { LONG_RUN_BYTES, OutputRun, PAUSE_MS } from "../../../src/server/session/output-run.js";

describe("a run of output", () => {
	it("passes once it is long, until nothing has come for a while", () => {
		const run = new OutputRun();
		assert.equal(run.passing(0), false);
		run.output(LONG_RUN_BYTES - 1, 10);
		assert.equal(run.passing(10), false);
		assert.equal(run.waitTime(10), Number.POSITIVE_INFINITY);
		run.output(1, 13);
		assert.equal(run.passing(13), true);
		assert.equal(run.waitTime(14), PAUSE_MS - 1);
		assert.equal(run.passing(13 + PAUSE_MS), false);
	});

	it("begins anew after a pause: what was printed before has been shown", () => {
		const run = new OutputRun();
		run.output(LONG_RUN_BYTES, 0);
		run.output(1, PAUSE_MS);
		assert.equal(run.passing(PAUSE_MS), false);
	});
});
