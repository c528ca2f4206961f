import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { MAX_HOLD_MS, SynchronizedUpdate } from "../../../src/server/session/synchronized-update.js";

describe("an unfinished update", () => {
	test("is kept back until it ends, or for a limited time", () => {
		const hold = new SynchronizedUpdate();
		hold.output(1, 0);
		assert.equal(hold.holds(MAX_HOLD_MS - 1), true);
		assert.equal(hold.waitTime(100), MAX_HOLD_MS - 100);
		hold.output(undefined, 100);
		assert.equal(hold.holds(100), false);
		hold.output(2, 200);
		assert.equal(hold.holds(200 + MAX_HOLD_MS), false);
	});

	test("does not begin anew with more output of it, but with the next", () => {
		const hold = new SynchronizedUpdate();
		hold.output(1, 0);
		hold.output(1, 100);
		assert.equal(hold.holds(MAX_HOLD_MS), false);
		hold.output(2, 100);
		assert.equal(hold.holds(MAX_HOLD_MS), true);
	});

	test("is shown as it comes once input has ended the hold", () => {
		const hold = new SynchronizedUpdate();
		hold.output(1, 0);
		assert.equal(hold.release(), true);
		hold.output(1, 10);
		assert.equal(hold.holds(10), false);
		assert.equal(hold.release(), false);
	});

	test("is over once: then there is nothing to wait for", () => {
		const hold = new SynchronizedUpdate();
		assert.equal(hold.waitTime(0), Number.POSITIVE_INFINITY);
		hold.output(1, 0);
		assert.equal(hold.expired(MAX_HOLD_MS - 1), false);
		assert.equal(hold.expired(MAX_HOLD_MS), true);
		assert.equal(hold.expired(MAX_HOLD_MS), false);
		assert.equal(hold.waitTime(MAX_HOLD_MS), Number.POSITIVE_INFINITY);
	});
});
