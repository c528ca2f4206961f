import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { Throttle } from "../../src/system/throttle.js";

describe("a burst of events", () => {
	let now = 0;
	const advance = (ms: number) => {
		for (let step = 0; step < ms; step += 1) {
			now += 1;
			mock.timers.tick(1);
		}
	};
	beforeEach(() => {
		mock.timers.enable({ apis: ["setTimeout"] });
		mock.method(performance, "now", () => now);
	});
	afterEach(() => mock.reset());

	test("becomes one call soon and then few, and the last event is never lost", () => {
		const calls: string[] = [];
		const throttle = new Throttle((cause) => calls.push(`${cause} at ${now}`), {
			delayMs: 10,
			intervalMs: 100,
		});
		now = 0;
		throttle.event("first");
		throttle.event("second");
		advance(10);
		assert.deepEqual(calls, ["first at 10"]);
		throttle.event("third");
		advance(50);
		throttle.event("fourth");
		advance(50);
		assert.deepEqual(calls, ["first at 10", "third at 110"]);
		throttle.event("fifth");
		throttle.stop();
		advance(500);
		assert.equal(calls.length, 2);
	});
});
