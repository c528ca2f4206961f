/** The size of datagrams follows what the path carries (protocol §1.7). */

import assert from "node:assert/strict";
import crypto from "node:crypto";
import { syncBuiltinESMExports } from "node:module";
import { describe, test } from "node:test";
import { chaff } from "../../src/ssp/chaff.js";
import { eagerFrameTiming } from "../../src/ssp/frame-timing.js";
import { PathSize } from "../../src/ssp/path-size.js";
import type { LinkOptions } from "../support/lossy-link.js";
import { TransportPair } from "../support/transport-pair.js";

const MINUTE = 60_000;

/** A session whose program fills the screen at once, or a while after its first line. */
function screenOn(link: LinkOptions, length: number, prompt: boolean) {
	const pair = new TransportPair({ seed: 3, link, frameTiming: eagerFrameTiming });
	const screen = pair.random.bytes(length).toString("base64");
	pair.onServerState = () => pair.server.setLocal(prompt ? "$ " : screen);
	pair.enter({ type: "resize", columns: 80, rows: 24 });
	if (prompt) {
		pair.run(1_000);
		pair.server.setLocal(screen);
	}
	const start = pair.clock.now();
	const shown = pair.run(30_000, () => pair.client.remote.state === screen);
	pair.onServerState = () => {};
	return { pair, shown, ms: pair.clock.now() - start };
}

/** A path under test: instructions sent one after the other, each from the state acknowledged last. */
function setUp() {
	const path = new PathSize("ipv4");
	let now = 0;
	let number = 0n;
	let acknowledged = 0n;
	let lastHeard = 0;
	const send = (longest: number, patience: number) => {
		path.refresh(now);
		const cut = Math.min(longest, path.payload);
		path.departs({ oldNumber: acknowledged, newNumber: number, longest: cut, patience, lastHeard }, now);
	};
	return {
		path,
		/** Sends a state, and again each time that it counts as lost, for so long; each time its peer is heard or not. */
		send: (longest = 1_252, { ms = 0, patience = 150, heard = true } = {}) => {
			number++;
			send(longest, patience);
			for (const end = now + ms; now < end; ) {
				now += patience;
				lastHeard = heard ? now : lastHeard;
				send(longest, patience);
			}
		},
		answer: (trip?: number) => {
			acknowledged = number;
			lastHeard = now;
			path.acknowledged(number, trip, now);
		},
		wait: (ms: number) => {
			now += ms;
		},
	};
}

describe("a path that is too narrow, and does not say so", () => {
	for (const carries of [1_240 - 28, 1_000 - 28, 576 - 28]) {
		test(`shows its first screen within 2 s where ${carries} bytes pass`, () => {
			for (const delay of [0, 100, 250]) {
				for (const length of [800, 3_000]) {
					for (const prompt of [false, true]) {
						const { shown, ms, pair } = screenOn({ carries, delay }, length, prompt);
						assert.ok(shown && ms <= 2_000, `${length} bytes, ${delay} ms, ${prompt}: ${ms} ms`);
						// The next one pays nothing.
						const sent = pair.link.server.sent;
						const next = pair.random.bytes(600).toString("base64");
						pair.server.setLocal(next);
						assert.ok(pair.run(delay + 300, () => pair.client.remote.state === next));
						assert.ok(pair.link.server.sent - sent <= 2);
					}
				}
			}
		});
	}

	test("goes down by one size at a time, or to the last where there is no time", () => {
		const quick = setUp();
		quick.send(1_252, { ms: 600 });
		assert.equal(quick.path.payload, 972);
		const slow = setUp();
		slow.send(1_252, { ms: 1_100, patience: 1_100 });
		assert.equal(slow.path.payload, 500);
		const short = setUp();
		short.send(800, { ms: 600 });
		assert.equal(short.path.payload, 500, "the size that is cut differently");
	});

	test("tries the larger size again after minutes, and less and less often", () => {
		const { path, send, answer, wait } = setUp();
		send(1_252, { ms: 600 });
		answer();
		for (const minutes of [2, 4, 8, 16, 32, 60, 60]) {
			wait(minutes * MINUTE - 1);
			send();
			answer();
			assert.equal(path.payload, 972, `before ${minutes} minutes`);
			wait(1);
			send(1_252, { ms: 600 });
			assert.equal(path.payload, 972, "tried, in vain");
			answer();
		}
		wait(60 * MINUTE);
		send();
		answer();
		assert.equal(path.payload, 1_252);
	});

	test("is found to be wider soon where one loss had to be enough", () => {
		const { path, send, answer, wait } = setUp();
		send(1_252, { ms: 1_100, patience: 1_100 });
		answer();
		for (const size of [972, 1_252]) {
			wait(10_000);
			send();
			answer();
			assert.equal(path.payload, size);
		}
	});
});

describe("a path that is wide enough", () => {
	test("is sent what it would be without all this", (t) => {
		// Chaff is random in length.
		const { mock } = t.mock.method(crypto, "randomFillSync", (bytes: Buffer) => bytes.fill(0));
		syncBuiltinESMExports();
		for (let drawn = 0; drawn < 1024; drawn++) {
			chaff();
		}
		t.after(() => {
			mock.restore();
			syncBuiltinESMExports();
		});
		const run = (delay: number) => {
			const pair = new TransportPair({ seed: 5, link: { delay, jitter: delay / 5 } });
			pair.enter({ type: "resize", columns: 80, rows: 24 });
			for (let frame = 0; frame < 20; frame++) {
				pair.server.setLocal(pair.random.bytes((frame * 997) % 9_000).toString("base64"));
				pair.run(20 + ((frame * 131) % 900));
			}
			return [pair.link.server.sent, pair.link.server.sentBytes];
		};
		const delays = [1, 450];
		const counts = delays.map(run);
		t.mock.method(PathSize.prototype, "departs", () => false);
		assert.deepEqual(counts, delays.map(run));
	});

	test("keeps its size when nothing is answered, of whatever size: the network is away, or an answer was lost", () => {
		const { path, send, answer } = setUp();
		send(1_252, { ms: 1_200 });
		assert.equal(path.payload, 500);
		send(1_252, { ms: 1_200 });
		assert.equal(path.payload, 1_252);
		send(1_252, { ms: 20_000, heard: false });
		answer();
		assert.equal(path.payload, 1_252);
	});

	test("keeps its size when the answer to the first transmission was only late", () => {
		const { path, send, answer, wait } = setUp();
		send(1_252, { ms: 1_100, patience: 1_100 });
		assert.equal(path.payload, 500);
		wait(400);
		answer(1_400);
		assert.equal(path.payload, 1_252);
	});

	test("is doubted much later once it has carried as much", () => {
		const { path, send, answer } = setUp();
		send();
		answer();
		send(1_252, { ms: 2_850 });
		assert.equal(path.payload, 1_252);
		send(1_252, { ms: 600 });
		assert.equal(path.payload, 972, "it may have changed");
	});

	test("is not doubted when a small state took the place of the large one", () => {
		const { path, send, answer } = setUp();
		send(1_252, { ms: 450 });
		send(100);
		answer();
		send(1_252, { ms: 450 });
		assert.equal(path.payload, 1_252);
	});

	test("is assumed of a new address, not of a new port", () => {
		const { pair } = screenOn({ carries: 548 }, 3_000, true);
		const show = () => {
			const screen = pair.random.bytes(3_000).toString("base64");
			const sent = pair.link.server.sent;
			pair.server.setLocal(screen);
			assert.ok(pair.run(2_000, () => pair.client.remote.state === screen));
			return pair.link.server.sent - sent;
		};
		pair.link.options = {};
		const small = show();
		for (const [address, expected] of [
			["192.0.2.2", small],
			["198.51.100.7", 3],
		] as const) {
			pair.link.client.address = { address, port: 40_001 };
			pair.enter({ type: "bytes", bytes: Buffer.from("k") });
			pair.run(500);
			assert.ok(Math.abs(show() - expected) <= 1, address);
		}
		assert.ok(small > 5);
	});
});
