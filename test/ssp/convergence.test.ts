/** Two transports always agree in the end, whatever the path between them does. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { eagerFrameTiming, stockFrameTiming } from "../../src/ssp/frame-timing.js";
import { SHUTDOWN_NUMBER } from "../../src/ssp/instruction.js";
import { userInputCodec } from "../../src/ssp/user-input.js";
import { TransportPair } from "../support/transport-pair.js";

const keys = (text: string) => ({ type: "bytes", bytes: Buffer.from(text) }) as const;

/** What the server's program has read so far, kept up to date by consuming each newest state. */
function echoing(pair: TransportPair): { read: string } {
	const program = { read: "" };
	let consumed = 0;
	pair.onServerState = () => {
		const { state } = pair.server.remote;
		for (const event of state.since(consumed)) {
			program.read += event.type === "bytes" ? Buffer.from(event.bytes) : `<${event.columns}x${event.rows}>`;
		}
		consumed = state.end;
		pair.server.setLocal(program.read);
	};
	return program;
}

const step = fc.oneof(
	fc.record({ type: fc.constant("keys" as const), text: fc.string({ minLength: 1, maxLength: 30 }) }),
	fc.record({
		type: fc.constant("resize" as const),
		columns: fc.integer({ min: 1, max: 500 }),
		rows: fc.integer({ min: 1, max: 200 }),
	}),
	fc.record({ type: fc.constant("output" as const), length: fc.integer({ min: 1, max: 20_000 }) }),
	fc.record({ type: fc.constant("roam" as const), port: fc.integer({ min: 1024, max: 65_535 }) }),
	fc.record({ type: fc.constant("outage" as const), ms: fc.integer({ min: 1, max: 15_000 }) }),
	fc.record({ type: fc.constant("pause" as const), ms: fc.integer({ min: 0, max: 1_000 }) }),
);

describe("two transports", () => {
	test("converge under random loss, delay, reordering, repetition, roaming and outages", () => {
		fc.assert(
			fc.property(
				fc.record({
					seed: fc.nat(),
					eager: fc.boolean(),
					loss: fc.double({ min: 0, max: 0.5, noNaN: true }),
					duplication: fc.double({ min: 0, max: 0.3, noNaN: true }),
					delay: fc.integer({ min: 0, max: 400 }),
					jitter: fc.integer({ min: 0, max: 200 }),
					mtu: fc.constantFrom(500, 1252, 1500),
				}),
				fc.array(step, { minLength: 1, maxLength: 25 }),
				({ seed, eager, ...link }, steps) => {
					const frameTiming = eager ? eagerFrameTiming : stockFrameTiming;
					const pair = new TransportPair({ seed, link, frameTiming });
					const program = echoing(pair);
					let typed = "";
					for (const each of steps) {
						switch (each.type) {
							case "keys":
								typed += each.text;
								pair.enter(keys(each.text));
								break;
							case "resize":
								typed += `<${each.columns}x${each.rows}>`;
								pair.enter(each);
								break;
							case "output":
								program.read += pair.random.bytes(each.length).toString("base64").slice(0, each.length);
								typed += program.read.slice(-each.length);
								pair.server.setLocal(program.read);
								break;
							case "roam":
								pair.link.client.address = { address: "198.51.100.7", port: each.port };
								break;
							case "outage":
								pair.link.options = { ...link, loss: 1 };
								pair.run(each.ms);
								pair.link.options = link;
								break;
							case "pause":
								pair.run(each.ms);
								break;
						}
					}
					const agreed = pair.run(
						120_000,
						() =>
							pair.server.remote.state.end === pair.input.end && pair.client.remote.state === program.read,
					);
					assert.ok(agreed, "the sides did not agree within two minutes");
					assert.equal([...program.read].sort().join(""), [...typed].sort().join(""));
					const { server, client } = pair;
					assert.ok(server.buffered.sent <= 32 && client.buffered.sent <= 32);
				},
			),
			{ numRuns: 150, seed: 20_240 },
		);
	});

	test("keep order: what arrives is what was typed", () => {
		const pair = new TransportPair({
			seed: 5,
			link: { loss: 0.4, delay: 80, jitter: 160, duplication: 0.2 },
		});
		const program = echoing(pair);
		let typed = "";
		for (let i = 0; i < 300; i++) {
			typed += `${i},`;
			pair.enter(keys(`${i},`));
			pair.run(20);
		}
		assert.ok(pair.run(60_000, () => pair.client.remote.state === typed));
		assert.equal(program.read, typed);
	});

	test("hold no history after a long session of typing", (t) => {
		const pair = new TransportPair({ seed: 6, link: { loss: 0.1, delay: 20 } });
		echoing(pair);
		for (let i = 0; i < 3_000; i++) {
			pair.enter(keys("k"));
			pair.run(50);
		}
		assert.ok(pair.run(10_000, () => pair.server.remote.state.end === 3_000));
		pair.run(10_000);
		// What the client keeps is what its next diff leads to.
		const diffs = t.mock.method(userInputCodec, "diff").mock;
		pair.enter(keys("k"));
		pair.run(100);
		assert.ok(diffs.callCount() > 0);
		for (const { arguments: states } of diffs.calls) {
			for (const { end, events } of states) {
				assert.ok(end >= 3_000 && events.length < 10);
			}
		}
		assert.ok(pair.server.remote.state.events.length < 10);
		assert.ok(pair.server.buffered.received < 10 && pair.client.buffered.sent < 10);
	});

	for (const [name, frameTiming] of [
		["stock", stockFrameTiming],
		["eager", eagerFrameTiming],
	] as const) {
		test(`an echo under 29 % loss each way and 100 ms of round trip takes a third of a second (${name})`, () => {
			const times: number[] = [];
			for (let seed = 1; seed <= 4; seed++) {
				const pair = new TransportPair({ seed, link: { loss: 0.29, delay: 50 }, frameTiming });
				echoing(pair);
				pair.enter({ type: "resize", columns: 80, rows: 24 });
				pair.run(3_000);
				for (let i = 0; i < 100; i++) {
					const typed = pair.clock.now();
					pair.enter(keys("x"));
					const { end } = pair.input;
					assert.ok(pair.run(20_000, () => pair.client.remote.state.length >= "<80x24>".length + end - 1));
					times.push(pair.clock.now() - typed);
					pair.run(100);
				}
			}
			const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
			// Two one-way losses leave half the round trips: 0.33 s is what the Mosh paper (Winstein and Balakrishnan,
			// 2012) reports for such a path.
			assert.ok(mean < 360, `mean ${mean}`);
		});
	}

	test("shut down from either side, and from both at once", () => {
		for (const sides of [["server"], ["client"], ["server", "client"]] as const) {
			const pair = new TransportPair({ seed: 8, link: { loss: 0.1, delay: 30 } });
			echoing(pair);
			pair.enter(keys("exit"));
			pair.run(2_000);
			pair.server.setLocal("bye");
			for (const side of sides) {
				pair[side].startShutdown();
			}
			pair.run(300);
			for (const side of sides) {
				assert.equal(pair[side].shutdownAcknowledged, true, `${sides}`);
			}
			if (!(sides as readonly string[]).includes("client")) {
				assert.equal(pair.client.remote.state, "bye");
				assert.equal(pair.client.remote.number === SHUTDOWN_NUMBER, true);
				assert.equal(pair.client.peerShutdownAcknowledged, true);
			}
		}
	});
});
