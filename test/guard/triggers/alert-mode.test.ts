/** The pace of scans while a login is expected. */

import assert from "node:assert/strict";
import { afterEach, describe, mock, test } from "node:test";
import { AlertMode } from "../../../src/guard/triggers/alert-mode.js";
import { TimerGroup } from "../../../src/system/timer-group.js";
import { mockedClock } from "../../support/mocked-clock.js";

function setUp() {
	const clock = mockedClock();
	const timers = new TimerGroup();
	timers.start();
	const scans: string[] = [];
	const mode = new AlertMode(clock, timers, {
		full: () => scans.push("full"),
		quick: () => scans.push("quick"),
	});
	const count = (kind: string) => scans.filter((scan) => scan === kind).length;
	return { clock, timers, scans, mode, count };
}

afterEach(() => mock.timers.reset());

describe("while a login is expected", () => {
	test("a scan is made at once and every 20 ms, every fifth of them in full, until the time is over", () => {
		const { clock, scans, mode, count } = setUp();
		mode.extend(1);
		assert.deepEqual(scans, ["full"]);
		clock.tick(200);
		assert.deepEqual([count("full"), count("quick")], [3, 8]);
		clock.tick(800);
		const made = scans.length;
		assert.equal(mode.remainingMs, 0);
		clock.tick(1000);
		assert.equal(scans.length, made);
	});

	test("another announcement extends the time, never shortens it, and doubles no scan", () => {
		const { clock, scans, mode } = setUp();
		mode.extend(1);
		clock.tick(500);
		const made = scans.length;
		mode.extend(1);
		mode.extend(0.1);
		assert.equal(mode.remainingMs, 1000);
		assert.equal(scans.length, made);
		clock.tick(100);
		assert.equal(scans.length, made + 5);
	});

	test("the scans end with the guard", () => {
		const { clock, timers, scans, mode } = setUp();
		mode.extend(1);
		timers.stop();
		clock.tick(1000);
		assert.deepEqual(scans, ["full"]);
	});
});
