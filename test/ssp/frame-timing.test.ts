import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eagerFrameTiming, type FrameTimes, stockFrameTiming } from "../../src/ssp/frame-timing.js";

/** A change at 1000 ms that a user waits for, long after the last frame. */
const QUIET: FrameTimes = {
	changedAt: 1000,
	answerAt: 1000,
	urgency: "answer",
	lastSentAt: 0,
	lastAnswerAt: 0,
	interval: 50,
	minDelay: 8,
};

describe("a changed state is due", () => {
	test("stock: after the collection interval, and one frame interval after whatever was sent", () => {
		assert.equal(stockFrameTiming(QUIET), 1008);
		assert.equal(stockFrameTiming({ ...QUIET, lastSentAt: 990 }), 1040);
	});

	test("eager: at once after quiet, whatever else was sent meanwhile", () => {
		assert.equal(eagerFrameTiming(QUIET), 1000);
		assert.equal(eagerFrameTiming({ ...QUIET, lastSentAt: 999 }), 1000);
		assert.equal(eagerFrameTiming({ ...QUIET, lastAnswerAt: 950 }), 1000);
	});

	test("eager: within a burst, after the collection interval and one frame interval after the last answer", () => {
		assert.equal(eagerFrameTiming({ ...QUIET, lastAnswerAt: 951 }), 1008);
		assert.equal(eagerFrameTiming({ ...QUIET, lastAnswerAt: 980 }), 1030);
	});

	test("eager: as stock where nobody waits for it", () => {
		assert.equal(eagerFrameTiming({ ...QUIET, answerAt: undefined, urgency: "output" }), 1008);
		assert.equal(
			eagerFrameTiming({ ...QUIET, answerAt: undefined, urgency: "output", lastSentAt: 990 }),
			1040,
		);
	});

	test("eager: later than that while it is passing, but not an answer", () => {
		assert.equal(eagerFrameTiming({ ...QUIET, answerAt: undefined, urgency: "passing" }), 1048);
		assert.equal(eagerFrameTiming({ ...QUIET, urgency: "passing" }), 1000);
	});

	test("eager: a collection interval further from the frame before if it is bookkeeping, so that the next answer may carry it", () => {
		const bookkeeping: FrameTimes = { ...QUIET, answerAt: undefined, urgency: "bookkeeping" };
		assert.equal(eagerFrameTiming(bookkeeping), 1000);
		assert.equal(eagerFrameTiming({ ...bookkeeping, lastSentAt: 990 }), 1048);
	});
});
