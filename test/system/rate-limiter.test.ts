/** The token bucket, by a fake clock. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RateLimiter } from "../../src/system/rate-limiter.js";
import { FakeClock } from "../support/fake-clock.js";

function setUp() {
	const clock = new FakeClock();
	return { clock, limiter: new RateLimiter(3, 10, clock) };
}

describe("a rate of three at once, ten a second", () => {
	test("lets three through at once, then says how long each more must wait", () => {
		const { limiter } = setUp();
		assert.deepEqual(
			[1, 2, 3, 4, 5].map(() => limiter.take()),
			[0, 0, 0, 100, 200],
		);
	});

	test("recovers with time, but never beyond three", () => {
		const { clock, limiter } = setUp();
		for (let i = 0; i < 5; i++) {
			limiter.take();
		}
		clock.advance(200);
		assert.equal(limiter.take(), 100);
		clock.advance(3_600_000);
		assert.deepEqual(
			[1, 2, 3, 4].map(() => limiter.take()),
			[0, 0, 0, 100],
		);
	});

	test("takes nothing from those who would have to wait too long", () => {
		const { clock, limiter } = setUp();
		for (let i = 0; i < 3; i++) {
			assert.equal(limiter.takeWithin(0), 0);
		}
		for (let i = 0; i < 100; i++) {
			assert.equal(limiter.takeWithin(0), undefined);
		}
		assert.equal(limiter.takeWithin(100), 100);
		assert.equal(limiter.takeWithin(100), undefined);
		clock.advance(200);
		assert.equal(limiter.takeWithin(0), 0);
	});
});
