/** Every timer of the sender, one by one, under a clock that stands still (protocol §3.3). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { eagerFrameTiming } from "../../src/ssp/frame-timing.js";
import { SHUTDOWN_NUMBER } from "../../src/ssp/instruction.js";
import { SenderHarness } from "../support/sender-harness.js";
import { textCodec } from "../support/transport-pair.js";

/** A sender whose peer holds state 1 and was just heard; its first, empty, frame went at 0. */
function connected(options: ConstructorParameters<typeof SenderHarness>[0] = {}): SenderHarness {
	const harness = new SenderHarness(options);
	assert.deepEqual(harness.timesUntil(0), [0]);
	harness.hear(1n, 1n, false);
	return harness;
}

describe("acknowledgements", () => {
	test("the first frame goes at once, empty, as state 1", () => {
		const harness = new SenderHarness();
		harness.hear(1n, 0n);
		const [first] = harness.runUntil(0);
		assert.deepEqual(first, { at: 0, oldNumber: 0n, newNumber: 1n, ack: 1n, throwaway: 0n, text: "" });
	});

	test("received data is acknowledged after 100 ms, once", () => {
		const harness = connected();
		harness.runUntil(500);
		harness.hear(2n, 1n);
		assert.deepEqual(
			harness.runUntil(2000).map(({ at, ack, newNumber }) => ({ at, ack, newNumber })),
			[{ at: 600, ack: 2n, newNumber: 2n }],
		);
	});

	test("a frame with data takes the acknowledgement along", () => {
		const harness = connected();
		harness.runUntil(500);
		harness.hear(2n, 1n);
		harness.set("answer");
		assert.deepEqual(
			harness.runUntil(600).map(({ at, ack }) => ({ at, ack })),
			[{ at: 508, ack: 2n }],
		);
	});

	test("an empty state is not acknowledged by itself", () => {
		const harness = connected();
		harness.runUntil(500);
		harness.hear(2n, 1n, false);
		assert.deepEqual(harness.timesUntil(2999), []);
	});

	test("a heartbeat goes every 3 s, under a new number each time", () => {
		const harness = connected();
		assert.deepEqual(
			harness.runUntil(9_500).map(({ at, newNumber }) => ({ at, newNumber })),
			[3_000, 6_000, 9_000].map((at, i) => ({ at, newNumber: BigInt(i + 2) })),
		);
	});

	test("nothing goes without a peer, and nothing is waited for", () => {
		const harness = connected();
		harness.channel.attached = false;
		harness.set("x");
		assert.equal(harness.sender.waitTime(harness.now), Number.POSITIVE_INFINITY);
		harness.clock.advance(60_000);
		harness.sender.tick(harness.now);
		assert.equal(harness.sent.length, 1);
	});
});

describe("frame timing, stock", () => {
	test("a first change waits 8 ms, and what joins it does not prolong that", () => {
		const harness = connected();
		harness.runUntil(500);
		harness.set("a");
		assert.deepEqual(harness.timesUntil(505), []);
		harness.set("ab");
		assert.deepEqual(
			harness.runUntil(520).map(({ at, text }) => ({ at, text })),
			[{ at: 508, text: "=ab" }],
		);
	});

	for (const interval of [20, 21, 50, 250]) {
		test(`frames keep an interval of ${interval} ms`, () => {
			const harness = connected();
			harness.channel.interval = interval;
			harness.runUntil(500);
			harness.set("a");
			harness.runUntil(508);
			harness.hear(2n, 2n, false);
			harness.set("b");
			assert.deepEqual(harness.timesUntil(508 + interval), [508 + interval]);
		});
	}

	test("an echo ack holds up the next frame like any other", () => {
		const harness = connected();
		harness.runUntil(500);
		harness.set(".ack");
		harness.runUntil(508);
		harness.set("text");
		assert.deepEqual(harness.timesUntil(530), [528]);
	});
});

describe("frame timing, eager", () => {
	test("a change after quiet goes at once, one within the interval is collected", () => {
		const harness = connected({ frameTiming: eagerFrameTiming });
		harness.runUntil(500);
		harness.set("a");
		assert.deepEqual(harness.timesUntil(505), [500]);
		harness.set("ab");
		assert.deepEqual(harness.timesUntil(519), []);
		assert.deepEqual(harness.timesUntil(524), [520]);
		harness.runUntil(537);
		harness.set("abc");
		assert.deepEqual(harness.timesUntil(560), [545]);
	});

	test("what nobody waits for waits, and holds nobody up", () => {
		const harness = connected({ frameTiming: eagerFrameTiming });
		harness.runUntil(500);
		harness.set(".ack");
		assert.deepEqual(harness.timesUntil(509), [508]);
		harness.set("text");
		assert.deepEqual(harness.timesUntil(510), [509]);
	});

	test("an echo ack that is due soon goes along with text", () => {
		const harness = connected({ frameTiming: eagerFrameTiming });
		harness.runUntil(500);
		harness.set(".ack");
		harness.runUntil(503);
		harness.set("text");
		assert.deepEqual(harness.timesUntil(520), [503]);
	});

	test("a burst costs as many frames as with stock timing", () => {
		const counts = [undefined, eagerFrameTiming].map((frameTiming) => {
			const harness = connected(frameTiming ? { frameTiming } : {});
			for (let key = 1; key <= 200; key++) {
				harness.set("x".repeat(key));
				harness.runUntil(500 + 5 * key);
				harness.hear(BigInt(key), harness.sent.at(-1)?.newNumber ?? 0n, false);
			}
			return harness.sent.length;
		});
		assert.ok((counts[1] as number) <= (counts[0] as number) + 1, String(counts));
	});

	test("what a codec does not tell is an answer", () => {
		const { urgency: _, ...codec } = textCodec;
		const harness = connected({ frameTiming: eagerFrameTiming, codec });
		harness.runUntil(500);
		harness.set(".ack");
		assert.deepEqual(harness.timesUntil(505), [500]);
	});
});

describe("retransmission", () => {
	test("one unacknowledged state is sent again every RTO + 100 ms, from the acknowledged base", () => {
		const harness = connected();
		harness.runUntil(500);
		harness.hear(2n, 1n, false);
		harness.set("a");
		const sent = harness.runUntil(1_000);
		assert.deepEqual(
			sent.map(({ at }) => at),
			[508, 658, 808, 958],
		);
		for (const { oldNumber, newNumber } of sent) {
			assert.deepEqual([oldNumber, newNumber], [1n, 2n]);
		}
	});

	test("two are sent again at frame rate once the first is overdue", () => {
		const harness = connected();
		harness.runUntil(500);
		harness.hear(2n, 1n, false);
		harness.set("a");
		harness.runUntil(600);
		harness.set("b");
		assert.deepEqual(harness.timesUntil(830), [608, 758, 778, 798, 818]);
	});

	test("10 s after the peer was last heard only heartbeats carry the diff", () => {
		const harness = connected();
		harness.hear(2n, 1n, false);
		harness.set("a");
		const times = harness.timesUntil(20_000);
		const after = times.filter((at) => at >= 10_000);
		assert.equal(times.filter((at) => at < 10_000).length, 67);
		assert.deepEqual(
			after.map((at, i) => at - (i === 0 ? (times[66] as number) : (after[i - 1] as number))),
			after.map(() => 3_000),
		);
		assert.ok(harness.sent.slice(1).every(({ text }) => text === "=a"));
	});

	test("an acknowledged state moves the base and the throwaway number; unknown ones do not", () => {
		const harness = connected();
		harness.runUntil(500);
		harness.set("a");
		harness.runUntil(520);
		harness.hear(2n, 77n, false);
		harness.hear(3n, 2n, false);
		harness.set("b");
		const [next] = harness.runUntil(600);
		assert.deepEqual(next && [next.oldNumber, next.newNumber, next.throwaway], [2n, 3n, 2n]);
	});

	const relative = {
		...textCodec,
		diff: (base: string, target: string) =>
			target.startsWith(base) ? Buffer.from(target.slice(base.length)) : Buffer.from(`=${target}`),
	};

	test("a long change is sent from the assumed base, a short one from the acknowledged one", () => {
		for (const [first, expected] of [
			["a".repeat(63), 1n],
			["a".repeat(64), 2n],
		] as const) {
			const harness = connected({ codec: relative });
			harness.runUntil(500);
			harness.set(first);
			harness.runUntil(510);
			harness.set(`${first}b`);
			assert.equal(harness.runUntil(530).at(-1)?.oldNumber, expected);
		}
	});

	test("after a loss a change of up to a datagram is sent from the acknowledged base, for 30 s", () => {
		const harness = connected({ codec: relative });
		/** With a peer that acknowledges within 100 ms. */
		const heardUntil = (end: number): void => {
			for (let at = harness.now - harness.start; at < end; at += 100) {
				harness.runUntil(Math.min(end, at + 100));
				harness.hear(2n, harness.sent.at(-1)?.newNumber ?? 0n, false);
			}
		};
		/** Whether a second change, which follows a first one of so many bytes, is sent from what was acknowledged before both. */
		const repeats = (length: number): boolean => {
			const at = harness.now - harness.start;
			const text = `${at}${"x".repeat(length)}`;
			harness.set("");
			heardUntil(at + 200);
			const acknowledged = harness.sent.at(-1)?.newNumber;
			harness.set(text);
			harness.runUntil(at + 210);
			harness.set(`${text}y`);
			const second = harness.runUntil(at + 240).at(-1);
			heardUntil(at + 300);
			return second?.oldNumber === acknowledged;
		};
		heardUntil(500);
		assert.ok(!repeats(900));
		harness.set("lost");
		const [, again] = harness.runUntil(1_000).slice(-2);
		assert.equal(again?.text, "=lost", "sent again");
		heardUntil(1_100);
		assert.ok(repeats(900));
		assert.ok(!repeats(1_000), "too long");
		heardUntil(30_500);
		assert.ok(repeats(900));
		heardUntil(31_500);
		assert.ok(!repeats(900));
	});

	test("a state that goes back to the acknowledged one is announced at once", () => {
		const harness = connected();
		harness.runUntil(500);
		harness.set("a");
		harness.runUntil(508);
		harness.set("");
		harness.runUntil(700);
		const last = harness.sent.at(-1);
		assert.deepEqual([last?.oldNumber, last?.newNumber, last?.text], [1n, 3n, ""]);
	});

	test("32 states are held, the acknowledged one among them", () => {
		const harness = connected();
		for (let i = 0; i < 200; i++) {
			harness.set(`state ${i}`);
			harness.runUntil(500 + 20 * i);
		}
		assert.equal(harness.sender.bufferedStates, 32);
		harness.hear(2n, 1n, false);
		harness.set("last");
		assert.equal(harness.runUntil(6_000).at(-1)?.throwaway, 1n);
	});

	test("diffs are not made twice, nor made at all where states are equal", () => {
		let diffs = 0;
		const codec = {
			...textCodec,
			diff: (base: string, target: string) => {
				diffs++;
				return textCodec.diff(base, target);
			},
		};
		const harness = connected({ codec });
		harness.runUntil(9_500);
		assert.equal(diffs, 0);
		harness.set("a");
		assert.equal(harness.runUntil(9_600).length, diffs);
		assert.ok(diffs > 0);
	});
});

describe("shutdown", () => {
	test("16 instructions, one interval apart, all with the last number; then it has timed out", () => {
		const harness = connected();
		harness.runUntil(500);
		harness.hear(2n, 1n, false);
		harness.set("bye");
		harness.runUntil(600);
		harness.sender.startShutdown(harness.now);
		harness.set("too late");
		while (!harness.sender.shutdownTimedOut(harness.now)) {
			harness.clock.advance(harness.sender.waitTime(harness.now));
			harness.sender.tick(harness.now);
		}
		const last = harness.sent.filter(({ newNumber }) => newNumber === SHUTDOWN_NUMBER);
		assert.equal(last.length, 16);
		assert.ok(last.every(({ text, oldNumber }) => text === "=bye" && oldNumber === 1n));
		assert.deepEqual(
			last.slice(1).map(({ at }, i) => at - (last[i] as { at: number }).at),
			last.slice(1).map(() => 20),
		);
		assert.equal(harness.sender.shutdownAcknowledged, false);
	});

	test("10 s without a chance to send are enough", () => {
		const harness = connected();
		harness.channel.attached = false;
		harness.sender.startShutdown(harness.now);
		assert.equal(harness.sender.shutdownTimedOut(harness.now + 9_999), false);
		assert.equal(harness.sender.shutdownTimedOut(harness.now + 10_000), true);
	});

	test("an acknowledgement ends it", () => {
		const harness = connected();
		harness.sender.startShutdown(harness.now);
		harness.runUntil(50);
		harness.hear(2n, SHUTDOWN_NUMBER, false);
		assert.equal(harness.sender.shutdownAcknowledged, true);
	});

	test("the peer's is answered within one interval", () => {
		const harness = connected();
		harness.runUntil(5);
		harness.hear(SHUTDOWN_NUMBER, 1n, false);
		assert.equal(harness.sender.peerShutdownAcknowledged, false);
		const [answer] = harness.runUntil(20);
		assert.deepEqual([answer?.at, answer?.ack], [20, SHUTDOWN_NUMBER]);
		assert.equal(harness.sender.peerShutdownAcknowledged, true);
	});
});
