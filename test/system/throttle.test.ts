import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, mock, test } from "node:test";
import { SerialQueue } from "../../src/system/serial-queue.js";
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
		const settle = new Throttle((cause) => calls.push(`${cause} at ${now}`), {
			delayMs: 10,
			intervalMs: 100,
		});
		now = 0;
		settle.event("first");
		settle.event("second");
		advance(10);
		assert.deepEqual(calls, ["first at 10"]);
		settle.event("third");
		advance(50);
		settle.event("fourth");
		advance(50);
		assert.deepEqual(calls, ["first at 10", "third at 110"]);
		settle.event("fifth");
		settle.stop();
		advance(500);
		assert.equal(calls.length, 2);
	});
});

test("tasks run one at a time, in order, whatever becomes of the others", async () => {
	const serial = new SerialQueue();
	const log: string[] = [];
	const task = (name: string, fails = false) =>
		serial.run(async () => {
			log.push(`${name} begins`);
			await new Promise((resolve) => setImmediate(resolve));
			log.push(`${name} ends`);
			if (fails) throw new Error(name);
			return name;
		});
	const results = await Promise.allSettled([task("a"), task("b", true), task("c")]);
	assert.deepEqual(
		results.map(({ status }) => status),
		["fulfilled", "rejected", "fulfilled"],
	);
	assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});
