/** Which sent states are kept, and which one the peer is assumed to hold (protocol §3.2). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { SentStates } from "../../src/ssp/sent-states.js";

const SHUTDOWN = 999n;

function states(...times: number[]): SentStates<string> {
	const sent = new SentStates("0", 0);
	for (const [index, time] of times.entries()) {
		sent.add(BigInt(index + 1), `${index + 1}`, time);
	}
	return sent;
}

const numbers = (sent: SentStates<string>) => sent.entries.map(({ number }) => Number(number));

describe("sent states", () => {
	test("begin with state 0, which the peer holds", () => {
		const sent = states();
		assert.deepEqual([sent.first, sent.last], [sent.entries[0], sent.entries[0]]);
		assert.equal(sent.first.number, 0n);
	});

	test("are dropped below an acknowledged one, and only then", () => {
		const sent = states(1, 2, 3);
		assert.equal(sent.acknowledge(2n), true);
		assert.deepEqual(numbers(sent), [2, 3]);
		for (const number of [2n, 1n, 7n]) {
			assert.equal(sent.acknowledge(number), false, `${number}`);
		}
		assert.deepEqual(numbers(sent), [2, 3]);
	});

	test("are at most 32, of which the oldest and the newest stay", () => {
		const sent = states(...Array.from({ length: 100 }, (_, index) => index));
		assert.equal(sent.entries.length, 32);
		assert.equal(sent.first.number, 0n);
		assert.deepEqual(numbers(sent).slice(-15), [86, 87, 88, 89, 90, 91, 92, 93, 94, 95, 96, 97, 98, 99, 100]);
	});

	test("the peer is assumed to hold the last of those sent recently without a gap", () => {
		const sent = states(100, 200, 300);
		assert.equal(sent.assumed(300, 250, SHUTDOWN).number, 3n);
		assert.equal(sent.assumed(350, 250, SHUTDOWN).number, 0n, "state 1 is overdue: nothing after it counts");
		sent.acknowledge(1n);
		assert.equal(sent.assumed(350, 250, SHUTDOWN).number, 3n);
		assert.equal(sent.assumed(1_000, 250, SHUTDOWN).number, 1n, "what is acknowledged is held for good");
	});

	test("cannot have arrived before the time at which they were missing", () => {
		const sent = states(100, 200, 300);
		sent.acknowledge(1n);
		sent.missing(250);
		assert.deepEqual(
			sent.entries.map(({ since }) => since),
			[100, 250, 300],
		);
	});

	test("the last state of all is no base", () => {
		const sent = states(1);
		sent.add(SHUTDOWN, "end", 1);
		assert.equal(sent.assumed(1, 100, SHUTDOWN).number, 1n);
	});
});
