/** How long ports are open in the simulated day of the benchmark. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
	DAY_S,
	deadSeconds,
	openByGuard,
	openByRange,
	openByScript,
	randomDay,
} from "../../bench/guard/day.js";
import { seededRandom } from "../../bench/measure/random.js";

const sessions = [
	{ port: 60001, start: 10, end: 100 },
	{ port: 60002, start: 50, end: 60 },
];

test("the range rule is open all day on every port, but for the time sessions hold them", () => {
	assert.equal(deadSeconds(openByRange(3, 1000), sessions, 1000), 3 * 1000 - 90 - 10);
});

test("the guard leaves each port open for the time it takes to close it", () => {
	const open = openByGuard(
		sessions,
		() => 0.5,
		() => 0.25,
	);
	assert.equal(deadSeconds(open, sessions, 1000), 0.5);
});

test("the script at each login closes what ended when the next login comes, or never", () => {
	const open = openByScript(sessions, [11, 51, 200], { look: 1, change: 2 }, 1000);
	// 60001 from 14, found dead at 201 and closed first; 60002 opened at 54, closed at 205.
	assert.deepEqual(open, [
		{ port: 60001, from: 14, to: 203 },
		{ port: 60002, from: 54, to: 205 },
	]);
	assert.equal(deadSeconds(open, sessions, 1000), 103 + 145);
	const last = openByScript(sessions, [11], { look: 1, change: 2 }, 1000);
	assert.equal(deadSeconds(last, sessions, 1000), 900);
});

test("a run of the script waits for the one before", () => {
	const open = openByScript(sessions, [11, 11.5], { look: 1, change: 2 }, 1000);
	assert.deepEqual(open, [{ port: 60001, from: 14, to: 1000 }]);
});

test("a random day has its logins, within the day, and no port held twice at once", () => {
	fc.assert(
		fc.property(fc.integer(), fc.integer({ min: 1, max: 80 }), (seed, logins) => {
			const day = randomDay(seededRandom(seed), logins);
			assert.equal(day.length, logins);
			for (const [index, { port, start, end }] of day.entries()) {
				assert.ok(start >= 0 && start < end && end <= DAY_S);
				const clash = day.slice(0, index).find((other) => other.port === port && other.end > start);
				assert.equal(clash, undefined);
			}
		}),
		{ numRuns: 50 },
	);
});
