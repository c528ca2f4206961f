/** Which received states are kept and how diffs are applied to them (protocol §3.4). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Receiver } from "../../src/ssp/receiver.js";
import type { RemoteStateCodec } from "../../src/ssp/state.js";

/** States are the diffs that led to them, one after the other. */
const trail: RemoteStateCodec<string> = {
	apply: (base, diff) => {
		if (diff[0] === 0) {
			throw new Error("zero");
		}
		return base + Buffer.from(diff).toString();
	},
};

function setUp(codec = trail) {
	const receiver = new Receiver(codec, "");
	const receive = (oldNumber: number, newNumber: number, text: string, { throwaway = 0, now = 1 } = {}) =>
		receiver.receive(
			{
				oldNumber: BigInt(oldNumber),
				newNumber: BigInt(newNumber),
				ack: 0n,
				throwaway: BigInt(throwaway),
				diff: Buffer.from(text),
			},
			now,
		);
	return { receiver, receive };
}

describe("a receiver", () => {
	test("begins with a state that nobody sent", () => {
		const { receiver } = setUp();
		assert.deepEqual(receiver.newest, { number: 0n, state: "", receivedAt: Number.NEGATIVE_INFINITY });
	});

	test("applies a diff once, to the state it starts from", () => {
		const { receiver, receive } = setUp();
		assert.equal(receive(0, 1, "a"), "newest");
		assert.equal(receive(1, 2, "b", { now: 7 }), "newest");
		assert.equal(receive(1, 2, "b", { now: 8 }), "known");
		assert.deepEqual(receiver.newest, { number: 2n, state: "ab", receivedAt: 7 });
	});

	test("keeps a late state as a base, without going back to it", () => {
		const { receiver, receive } = setUp();
		receive(0, 5, "five");
		assert.equal(receive(0, 3, "three"), "late");
		assert.equal(receiver.newest.number, 5n);
		assert.equal(receive(3, 6, "+"), "newest");
		assert.equal(receiver.newest.state, "three+");
	});

	test("takes an empty diff for the same state", () => {
		const { receiver, receive } = setUp();
		receive(0, 1, "a");
		receive(1, 2, "");
		assert.equal(receiver.newest.state, "a");
	});

	test("refuses unknown bases and diffs that do not apply, and goes on", () => {
		const { receiver, receive } = setUp();
		assert.throws(() => receive(4, 5, "x"), { code: "unknown-base" });
		assert.throws(() => receive(0, 1, "\0"), { code: "bad-diff" });
		assert.equal(receive(0, 1, "a"), "newest");
		assert.equal(receiver.bufferedStates, 2);
	});

	test("drops what the peer throws away, but never the base in use", () => {
		const { receiver, receive } = setUp();
		receive(0, 1, "a");
		receive(1, 2, "b", { throwaway: 1 });
		assert.equal(receiver.bufferedStates, 2);
		receive(1, 3, "c", { throwaway: 3 });
		assert.equal(receiver.bufferedStates, 3);
		assert.throws(() => receive(0, 4, "x"), { code: "unknown-base" });
	});

	test("takes one more state per 15 s from a peer that throws nothing away", () => {
		const { receiver, receive } = setUp();
		for (let number = 1; number <= 1_024; number++) {
			receive(0, number, "x");
		}
		assert.equal(receive(0, 2_000, "x", { now: 100 }), "newest");
		assert.throws(() => receive(0, 2_001, "x", { now: 15_099 }), { code: "quenched" });
		assert.equal(receive(0, 2_001, "x", { now: 15_100 }), "newest");
		assert.equal(receiver.bufferedStates, 1_027);
	});

	test("rids every state of the history that has been consumed", () => {
		const { receiver, receive } = setUp({
			...trail,
			subtract: (state, consumed) => (state.startsWith(consumed) ? state.slice(consumed.length) : state),
		});
		receive(0, 1, "a");
		assert.equal(receiver.newest.state, "a");
		receive(1, 2, "b");
		assert.equal(receiver.newest.state, "b", "by then state 1 had been acted on");
	});
});
