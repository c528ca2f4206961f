import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import { RESCAN_DELAYS_MS, RescanBurst } from "../../../src/guard/triggers/rescan-burst.js";
import { mockedClock } from "../../support/mocked-clock.js";

afterEach(() => mock.timers.reset());

describe("a burst", () => {
	test("looks at once and glances at every later time, then no more", () => {
		const clock = mockedClock();
		const looked: number[] = [];
		const glanced: number[] = [];
		const scans = { full: () => looked.push(clock.now()), quick: () => glanced.push(clock.now()) };
		new RescanBurst(scans, clock).trigger();
		clock.tick(1000);
		assert.deepEqual(looked, [0]);
		assert.deepEqual(glanced, [...RESCAN_DELAYS_MS]);
	});

	test("shares its glances with others of the same millisecond", () => {
		const clock = mockedClock();
		let glances = 0;
		const burst = new RescanBurst({ full: () => undefined, quick: () => glances++ }, clock);
		for (let i = 0; i < 100; i++) burst.trigger();
		clock.tick(1000);
		assert.equal(glances, RESCAN_DELAYS_MS.length);
	});

	test("looks at once although a glance is due within the millisecond", () => {
		const clock = mockedClock();
		let looks = 0;
		const burst = new RescanBurst({ full: () => looks++, quick: () => undefined }, clock);
		burst.trigger();
		clock.tick(RESCAN_DELAYS_MS[0]);
		burst.trigger();
		assert.equal(looks, 2);
	});

	test("stops", () => {
		const clock = mockedClock();
		let glances = 0;
		const burst = new RescanBurst({ full: () => undefined, quick: () => glances++ }, clock);
		burst.trigger();
		burst.stop();
		clock.tick(1000);
		assert.equal(glances, 0);
	});
});
