import assert from "node:assert/strict";
import { afterEach, mock, test } from "node:test";
import { TimerGroup } from "../../src/system/timer-group.js";
import { mockedClock } from "../support/mocked-clock.js";

afterEach(() => mock.timers.reset());

test("timers end together", () => {
	const clock = mockedClock();
	const fired: string[] = [];
	const timers = new TimerGroup();
	timers.after(1, () => fired.push("before start"));
	timers.start();
	timers.every(10, () => fired.push("tick"));
	timers.after(15, () => fired.push("once"));
	clock.tick(25);
	timers.stop();
	clock.tick(100);
	assert.deepEqual(fired, ["tick", "once", "tick"]);
});
