/** The order of tasks in a queue. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SerialQueue } from "../../src/system/serial-queue.js";

test("tasks run one at a time, in order, whatever becomes of the others", async () => {
	const queue = new SerialQueue();
	const log: string[] = [];
	const task = (name: string, fails = false) =>
		queue.run(async () => {
			log.push(`${name} begins`);
			await new Promise((resolve) => setImmediate(resolve));
			log.push(`${name} ends`);
			if (fails) {
				throw new Error(name);
			}
			return name;
		});
	const results = await Promise.allSettled([task("a"), task("b", true), task("c")]);
	assert.deepEqual(
		results.map(({ status }) => status),
		["fulfilled", "rejected", "fulfilled"],
	);
	assert.deepEqual(log, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
});
