import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
	ANSWER_MS,
	FramePacer,
	LONG_TURN_MS,
	MAX_FRUITLESS_SNAPSHOTS,
	MAX_LONG_TURNS,
	MAX_REST_MS,
	REST_PER_TURN,
	SNAPSHOT_INTERVAL_MS,
} from "../../../src/server/session/frame-pacer.js";
import { FakeClock } from "../../support/fake-clock.js";

function setUp() {
	const clock = new FakeClock();
	const pacer = new FramePacer();
	return {
		clock,
		pacer,
		wait: () => pacer.waitTime(clock.now()),
		due: () => pacer.advance(clock.now(), false),
	};
}

const never = () => assert.fail("asked when anything can be sent, though nothing is to be");

describe("snapshots", () => {
	it("are not taken of a screen that has not changed", () => {
		const { pacer, clock, wait, due } = setUp();
		assert.equal(wait(), Number.POSITIVE_INFINITY);
		assert.equal(due(), false);
		assert.equal(pacer.advance(clock.now(), true), false);
	});

	it("are due at once after the first change, which alone is news", () => {
		const { pacer, wait, due } = setUp();
		assert.deepEqual([pacer.changed(), pacer.changed()], [true, false]);
		assert.equal(wait(), 0);
		assert.deepEqual([due(), due()], [true, false]);
		assert.equal(pacer.changed(), true);
	});

	it("wait for nothing after a key, until its answer must have come", () => {
		const { pacer, clock, due } = setUp();
		const fruitless = (times: number): boolean[] =>
			Array.from({ length: times }, () => {
				pacer.changed();
				const taken = due();
				pacer.fruitless(clock.now());
				return taken;
			});
		const many = MAX_FRUITLESS_SNAPSHOTS + 2;
		assert.equal(fruitless(many).at(-1), false, "a flood that shows nothing new");
		pacer.typed(clock.now());
		assert.ok(fruitless(5 * many).every(Boolean));
		clock.advance(ANSWER_MS);
		assert.equal(fruitless(many).at(-1), false);
	});

	it("wait while a frame waits to be sent, for an interval at most", () => {
		for (const [untilSent, expected] of [
			[5, 5],
			[250, SNAPSHOT_INTERVAL_MS],
			[Number.POSITIVE_INFINITY, SNAPSHOT_INTERVAL_MS],
		] as const) {
			const { pacer, clock, wait, due } = setUp();
			pacer.changed();
			assert.ok(due());
			pacer.offered();
			pacer.postponed(clock.now(), () => untilSent);
			pacer.changed();
			assert.deepEqual([due(), wait()], [false, expected]);
			assert.equal(pacer.advance(clock.now(), true), true, "unless one is urgent");
			pacer.changed();
			clock.advance(expected);
			assert.deepEqual([wait(), due()], [0, true]);
		}
	});

	it("do not wait for a frame that has been sent, nor for none", () => {
		const { pacer, clock, wait } = setUp();
		pacer.postponed(clock.now(), never);
		pacer.offered();
		pacer.sent(clock.now());
		pacer.postponed(clock.now(), never);
		pacer.changed();
		assert.equal(wait(), 0);
	});

	it("wait as well after several in a row that showed nothing new", () => {
		const { pacer, clock, wait, due } = setUp();
		const fruitless = () => {
			pacer.changed();
			assert.ok(due());
			pacer.fruitless(clock.now());
		};
		for (let count = 0; count < MAX_FRUITLESS_SNAPSHOTS; count++) {
			fruitless();
		}
		pacer.offered();
		pacer.sent(clock.now());
		for (let count = 0; count < MAX_FRUITLESS_SNAPSHOTS; count++) {
			fruitless();
			pacer.changed();
			assert.equal(wait(), 0);
		}
		fruitless();
		pacer.changed();
		assert.equal(wait(), SNAPSHOT_INTERVAL_MS);
	});

	it("are followed by a rest when they take long", () => {
		for (const [took, rest] of [
			[LONG_TURN_MS, 0],
			[LONG_TURN_MS + 1, REST_PER_TURN * (LONG_TURN_MS + 1)],
			[500, MAX_REST_MS],
		] as const) {
			const { pacer, clock, wait } = setUp();
			const began = clock.now();
			clock.advance(took);
			pacer.sent(began);
			pacer.rest(began, clock.now());
			pacer.changed();
			assert.equal(wait(), rest, `${took} ms`);
		}
	});

	it("are followed by longer rests the more of them in a row take long", () => {
		const { pacer, clock, wait } = setUp();
		const took = LONG_TURN_MS + 1;
		const long = (after: number): number => {
			clock.advance(after);
			const began = clock.now();
			clock.advance(took);
			pacer.rest(began, clock.now());
			pacer.changed();
			return wait();
		};
		const rests = [long(0)];
		while (rests.length < MAX_LONG_TURNS + 2) {
			rests.push(long(wait()));
		}
		const most = REST_PER_TURN * MAX_LONG_TURNS * took;
		assert.deepEqual(rests.slice(-3), [most, most, most]);
		assert.equal(rests[1], 2 * REST_PER_TURN * took);
		assert.equal(long(wait() + SNAPSHOT_INTERVAL_MS + 1), REST_PER_TURN * took, "after a pause");
		long(wait());
		clock.advance(wait());
		pacer.rest(clock.now() - LONG_TURN_MS, clock.now());
		assert.equal(long(0), REST_PER_TURN * took, "after a short one");
	});

	it("a rest does not shorten a longer wait", () => {
		const { pacer, clock, wait } = setUp();
		pacer.rest(clock.now() - 500, clock.now());
		pacer.rest(clock.now() - 10, clock.now());
		pacer.changed();
		assert.equal(wait(), MAX_REST_MS);
	});

	it("the last one waits for nothing", () => {
		const { pacer, clock, due } = setUp();
		pacer.rest(clock.now() - 500, clock.now());
		pacer.changed();
		assert.equal(due(), false);
		pacer.finish();
		assert.equal(due(), true);
	});
});
