import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
	LONG_RUN_BYTES,
	OutputRun,
	PAUSE_MS,
	PROMPT_PAUSE_MS,
} from "../../../src/server/session/output-run.js";

describe("a run of output", () => {
	it("passes once it is long, until nothing has come for a while", () => {
		const run = new OutputRun();
		assert.equal(run.phase(0), "brief");
		run.output(LONG_RUN_BYTES - 1, false, 10);
		assert.equal(run.phase(10), "brief");
		assert.equal(run.waitTime(10), Number.POSITIVE_INFINITY);
		run.output(1, false, 13);
		assert.equal(run.phase(13), "passing");
		assert.equal(run.waitTime(14), PAUSE_MS - 1);
		assert.equal(run.phase(13 + PAUSE_MS), "over");
	});

	it("is over sooner where it ends within a line, as with a prompt", () => {
		const run = new OutputRun();
		run.output(LONG_RUN_BYTES, false, 0);
		run.output(2, true, 1);
		assert.equal(run.waitTime(1), PROMPT_PAUSE_MS);
		assert.equal(run.phase(1 + PROMPT_PAUSE_MS), "over");
		run.output(2, false, 1 + PROMPT_PAUSE_MS);
		assert.equal(run.phase(2 + PROMPT_PAUSE_MS), "passing", "it was a pause in the same run");
	});

	it("begins anew after a pause: what was printed before has been shown", () => {
		const run = new OutputRun();
		run.output(LONG_RUN_BYTES, false, 0);
		run.output(1, false, PAUSE_MS);
		assert.equal(run.phase(PAUSE_MS), "brief");
	});
});
