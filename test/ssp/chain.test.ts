/** States that have to arrive one by one: all do, in order, and the path is used but not overrun. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { ChainRig, HELD, STEP_BYTES } from "../support/chain-rig.js";
import type { LinkOptions } from "../support/lossy-link.js";

interface Passage {
	readonly rig: ChainRig;
	/** From the first step to the client's arrival (s). */
	readonly seconds: number;
	/** Datagrams of the server, and how many of them its queue dropped. */
	readonly sent: number;
	readonly dropped: number;
}

/** Leads a client through `states`. */
function pass(states: number, link: LinkOptions, seed = 1): Passage {
	const rig = new ChainRig(link, seed);
	const { server } = rig.link;
	const { sent, dropped } = server;
	const began = rig.clock.now();
	rig.goTo(states);
	assert.ok(
		rig.run(120_000, () => rig.at === states),
		`at ${rig.at} of ${states} after two minutes`,
	);
	const seconds = (rig.clock.now() - began) / 1000;
	assertInOrder(rig);
	return { rig, seconds, sent: server.sent - sent, dropped: server.dropped - dropped };
}

/** A codec that is sent a diff from any other state than the one before fails by itself. */
function assertInOrder({ shown }: ChainRig): void {
	let last = 0;
	for (const { place } of shown) {
		assert.ok(place.at === last || place.at === last + 1, `${place.at} was shown after ${last}`);
		last = place.at;
	}
}

describe("a chain of states", () => {
	for (const [delay, atLeast] of [
		[0.2, 250],
		[25, 250],
		[100, 120],
	] as const) {
		test(`takes no datagram more than it has states, ${2 * delay} ms`, () => {
			const { seconds, sent } = pass(500, { delay });
			assert.ok(sent <= 502, `${sent} datagrams`);
			assert.ok(500 / seconds >= atLeast, `${500 / seconds} a second`);
		});
	}

	for (const loss of [0.05, 0.15, 0.3]) {
		test(`arrives whole with ${loss * 100} % loss, repetition and reordering`, () => {
			for (let seed = 1; seed <= 5; seed++) {
				pass(60, { loss, delay: 20, jitter: 10, duplication: 0.1 }, seed);
			}
		});
	}

	test("is not slowed down by loss that no queue explains", () => {
		const { seconds, sent } = pass(500, { delay: 25, loss: 0.05 });
		assert.ok(500 / seconds >= 120, `${500 / seconds} a second`);
		assert.ok(sent < 500 * 2.6, `${sent} datagrams`);
	});

	test("of a few states does mostly not wait for a timeout where datagrams are lost: its end comes twice", () => {
		const rig = new ChainRig({ delay: 25, loss: 0.15 });
		const took: number[] = [];
		for (let goal = 2; goal <= 1_000; goal += 2) {
			const began = rig.clock.now();
			rig.goTo(goal);
			assert.ok(rig.run(10_000, () => rig.at === goal));
			took.push(rig.clock.now() - began);
			rig.run(400);
		}
		assertInOrder(rig);
		const mean = took.reduce((sum, ms) => sum + ms, 0) / took.length;
		assert.ok(mean < 130, `${mean} ms on average; 28 without loss, 158 if nothing came twice`);
	});

	for (const [rate, queue, delay] of [
		[16_000, 8_000, 25],
		[32_000, 8_000, 25],
		[32_000, 32_000, 100],
		[250_000, 32_000, 10],
	] as const) {
		test(`fills ${(rate * 8) / 1000} kbit/s with a queue of ${queue / 1000} kB, and does not overrun it`, () => {
			const { rig, seconds, sent, dropped } = pass((rate / STEP_BYTES) * 12, { delay, rate, queue });
			assert.ok(dropped / sent < 0.02, `${dropped} of ${sent} were dropped`);
			const { sent: all, sentBytes } = rig.link.server;
			const used = (sent - dropped) * (sentBytes / all + 28);
			const possible = Math.min(rate, 300 * (sentBytes / all + 28));
			assert.ok(
				used / seconds / possible >= 0.8,
				`${Math.round(used / seconds)} of ${possible} bytes a second`,
			);
		});
	}

	test("leaves room to others on a link that they fill", () => {
		const rig = new ChainRig({ delay: 25, rate: 32_000, queue: 16_000 });
		const { server } = rig.link;
		rig.goTo(1_000);
		rig.run(4_000);
		const alone = rig.at;
		// Another sender, who does not care, sends 20 kB a second.
		let dropped = 0;
		for (let ms = 0; ms < 8_000; ms += 50) {
			rig.run(50);
			const before = server.dropped;
			server.send(Buffer.alloc(1_000 - 28));
			dropped += server.dropped - before;
		}
		assert.ok(dropped < 4, `${dropped} of the other's 160 datagrams were dropped`);
		assert.ok(rig.at - alone > 40, "but something gets through");
	});

	test("is not sent into an outage, and goes on after it", () => {
		const link = { delay: 25 };
		const rig = new ChainRig(link);
		rig.goTo(1_000);
		rig.run(2_000);
		rig.link.options = { ...link, loss: 1 };
		rig.run(200);
		const { sent } = rig.link.server;
		rig.run(8_800);
		assert.ok(rig.link.server.sent - sent <= 35, `${rig.link.server.sent - sent} datagrams in vain`);
		rig.link.options = link;
		const began = rig.clock.now();
		const reached = rig.at;
		assert.ok(
			rig.run(4_000, () => rig.at > reached),
			"goes on when the client is heard",
		);
		assert.ok(rig.run(20_000, () => rig.at === 1_000));
		assertInOrder(rig);
		const first = rig.shown.find(({ at }) => at >= began)?.place;
		assert.deepEqual(first, { at: reached, settled: 1 }, "with a state that goes nowhere");
		assert.equal(rig.client.remote.state.settled, 1, "one of them");
	});

	test("a short outage needs no such state, and little time", () => {
		const link = { delay: 25 };
		const rig = new ChainRig(link);
		rig.goTo(1_000);
		rig.run(1_000);
		rig.link.options = { ...link, loss: 1 };
		rig.run(1_500);
		rig.link.options = link;
		const reached = rig.at;
		assert.ok(
			rig.run(3_000, () => rig.at > reached),
			"at the latest when the client is heard",
		);
		assert.ok(rig.run(20_000, () => rig.at === 1_000));
		assertInOrder(rig);
		assert.equal(rig.client.remote.state.settled, 0);
	});

	test("after a silence the first state goes nowhere, though none was under way", () => {
		const link = { delay: 25 };
		const rig = new ChainRig(link);
		rig.link.options = { ...link, loss: 1 };
		rig.run(9_000);
		rig.link.options = link;
		rig.goTo(3);
		assert.ok(rig.run(6_000, () => rig.at === 3));
		assertInOrder(rig);
		assert.equal(rig.client.remote.state.settled, 1);
	});

	test("an acknowledgement that is lost is not waited for until the client speaks by itself", () => {
		for (const began of [150, 200, 300]) {
			const rig = new ChainRig({ delay: 25 });
			const { client } = rig.link;
			const { deliver } = client;
			rig.goTo(200);
			rig.run(began);
			client.deliver = () => {};
			rig.run(600);
			client.deliver = deliver;
			const reached = rig.at;
			assert.ok(
				rig.run(1_200, () => rig.at > reached + 10),
				`at ${rig.at}, ${reached} before`,
			);
			assertInOrder(rig);
		}
	});

	test("keys are acknowledged while it is on its way", () => {
		const rig = new ChainRig({ delay: 25 });
		rig.goTo(10_000);
		for (let key = 0; key < 5; key++) {
			rig.type();
			rig.run(300);
			assert.equal(rig.client.confirmedLocal.end, rig.server.remote.state.end);
			assert.equal(rig.server.remote.state.end, key + 2);
		}
	});

	test("at most 64 states are kept for it", () => {
		const rig = new ChainRig({ delay: 400 });
		rig.goTo(10_000);
		for (let ms = 0; ms < 6_000; ms += 10) {
			rig.run(10);
			assert.ok(rig.server.buffered.sent <= 65);
		}
		assert.equal(rig.server.chained, true);
	});

	test("is held, also what is under way and lost, but for acknowledgements", () => {
		const link = { delay: 25 };
		const rig = new ChainRig(link);
		rig.goTo(200);
		rig.run(600);
		rig.link.options = { ...link, loss: 1 };
		rig.run(10);
		assert.ok(rig.server.buffered.sent > 3, "some are under way");
		rig.goTo(HELD);
		const { sent } = rig.link.server;
		rig.run(100);
		rig.link.options = link;
		const { at } = rig;
		assert.ok(at < 200);
		rig.type();
		rig.run(1_000);
		assert.equal(rig.client.confirmedLocal.end, rig.server.remote.state.end);
		assert.ok(rig.link.server.sent - sent <= 2, `${rig.link.server.sent - sent} datagrams`);
		assert.equal(rig.at, at);
		rig.goTo(200);
		assert.ok(rig.run(4_000, () => rig.at === 200));
		assertInOrder(rig);
	});

	test("ends with the session: the last state is told whatever lies between", () => {
		const rig = new ChainRig({ delay: 25 });
		rig.goTo(5);
		rig.run(2_000);
		assert.equal(rig.server.chained, false);
		rig.server.startShutdown();
		assert.ok(rig.run(2_000, () => rig.server.shutdownAcknowledged));
		assert.equal(rig.at, 5);
	});
});
