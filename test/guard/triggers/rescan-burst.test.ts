import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import { RESCAN_DELAYS_MS, RescanBurst } from "../../../src/guard/triggers/rescan-burst.js";
import { mockedClock } from "../../support/mocked-clock.js";

afterEach(() => mock.timers.reset());

describe("a burst", () => {
	test("scans in full at once and quickly at every later time, then no more", () => {
		const clock = mockedClock();
		const full: number[] = [];
		const quick: number[] = [];
		const scans = { full: () => full.push(clock.now()), quick: () => quick.push(clock.now()) };
		new RescanBurst(scans, clock).trigger();
		clock.tick(1000);
		assert.deepEqual(full, [0]);
		assert.deepEqual(quick, [...RESCAN_DELAYS_MS]);
	});

	test("after what is told besides only scans once, quickly, when that has been dealt with", () => {
		const clock = mockedClock();
		const quick: number[] = [];
		const scans = { full: () => assert.fail("not needed"), quick: () => quick.push(clock.now()) };
		new RescanBurst(scans, clock).trigger(true);
		clock.tick(1000);
		assert.deepEqual(quick, [RESCAN_DELAYS_MS.at(-1)]);
	});

	test("shares its quick scans with others of the same millisecond", () => {
		const clock = mockedClock();
		let quickScans = 0;
		const burst = new RescanBurst({ full: () => undefined, quick: () => quickScans++ }, clock);
		for (let i = 0; i < 100; i++) {
			burst.trigger();
		}
		clock.tick(1000);
		assert.equal(quickScans, RESCAN_DELAYS_MS.length);
	});

	test("scans in full at once although a quick scan is due within the millisecond", () => {
		const clock = mockedClock();
		let fullScans = 0;
		const burst = new RescanBurst({ full: () => fullScans++, quick: () => undefined }, clock);
		burst.trigger();
		clock.tick(RESCAN_DELAYS_MS[0]);
		burst.trigger();
		assert.equal(fullScans, 2);
	});

	test("stops", () => {
		const clock = mockedClock();
		let quickScans = 0;
		const burst = new RescanBurst({ full: () => undefined, quick: () => quickScans++ }, clock);
		burst.trigger();
		burst.stop();
		clock.tick(1000);
		assert.equal(quickScans, 0);
	});
});
