/** The 29 hand-made inputs for a server, each against a fresh transport. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DatagramCipher } from "../../src/ssp/datagram.js";
import { Transport, type TransportObserver, UserInput, userInputCodec } from "../../src/ssp/index.js";
import { SHUTDOWN_NUMBER } from "../../src/ssp/instruction.js";
import { INTERVAL_MAX } from "../../src/ssp/timing.js";
import { FakeClock } from "../support/fake-clock.js";
import { textCodec } from "../support/transport-pair.js";
import { type ReceiveCase, readWireFixture } from "../support/wire-fixtures.js";

const fixture = readWireFixture<{ key_hex: string; cases: ReceiveCase[] }>("server-receive-cases.json");
const CLIENT = { address: "192.0.2.2", port: 40_000 };

/** Why each refused case is refused. */
const REASONS: Record<string, string> = {
	"short-23": "bad-datagram",
	empty: "bad-datagram",
	"bad-tag": "bad-datagram",
	"bad-nonce": "bad-datagram",
	"bad-ciphertext": "bad-datagram",
	"wrong-direction": "wrong-direction",
	"no-timestamps": "bad-datagram",
	"no-fragment-header": "bad-fragment",
	"bad-zlib": "bad-compression",
	"bad-protobuf": "bad-message",
	"version-1": "bad-version",
	"no-version": "bad-version",
	"unknown-base": "unknown-base",
	"inflate-over-cap": "bad-compression",
	"oversize-datagram": "bad-datagram",
};

function serverFor() {
	const dropped: string[] = [];
	const observer: TransportObserver = { dropped: (reason) => dropped.push(reason) };
	const clock = new FakeClock();
	const sent: Uint8Array[] = [];
	const server = new Transport({
		role: "server",
		key: Buffer.from(fixture.key_hex, "hex"),
		clock,
		port: {
			family: "ipv4",
			send: (payload) => {
				sent.push(payload);
				return "sent";
			},
		},
		local: textCodec,
		initialLocal: "",
		remote: userInputCodec,
		initialRemote: UserInput.empty,
		observer,
	});
	const feed = (name: string) => {
		const found = fixture.cases.find((each) => each.name === name);
		assert.ok(found);
		return found.datagrams_hex.filter((hex) => server.receive(Buffer.from(hex, "hex"), CLIENT)).length;
	};
	return { server, clock, dropped, sent, feed };
}

describe("server receive cases", () => {
	test("are all there", () => assert.equal(fixture.cases.length, 29));

	for (const { name, expect } of fixture.cases) {
		test(`${name}: ${expect}`, () => {
			const { server, clock, sent, dropped, feed } = serverFor();
			if (expect === "shutdown") {
				assert.equal(feed("good-first"), 1);
			}
			const taken = feed(name);
			server.tick();
			switch (expect) {
				case "accept":
				case "accept-once":
					assert.equal(taken, 1);
					assert.equal(sent.length, 1);
					assert.equal(dropped.length, 0);
					assert.deepEqual(server.peer, CLIENT);
					break;
				case "drop":
				case "ignore-state":
					assert.equal(taken, 0);
					assert.equal(server.remote.number, 0n);
					assert.equal(dropped.at(-1), REASONS[name]);
					// What was authentic and in order has told us where the client is; the rest has not.
					assert.equal(
						server.attached,
						!["bad-datagram", "wrong-direction"].includes(REASONS[name] as string),
					);
					break;
				case "must-not-crash":
					assert.equal(taken, 1);
					assert.ok(server.remote.state.events.every((event) => event.type === "resize" && event.rows >= 1));
					break;
				case "shutdown":
					assert.equal(taken, 1);
					assert.equal(server.remote.number, SHUTDOWN_NUMBER);
					assert.ok(server.waitTime() <= INTERVAL_MAX);
					clock.advance(server.waitTime());
					server.tick();
					assert.equal(server.peerShutdownAcknowledged, true);
					break;
			}
			// Whatever it was, the next good datagram works.
			const { state } = server.remote;
			feed("good-first");
			assert.ok(server.remote.number >= 1n);
			if (expect === "drop") {
				assert.ok(server.remote.state.end > state.end);
			}
		});
	}

	test("a timestamp of 65535 is not echoed, any other is", () => {
		for (const [name, echoed] of [
			["timestamp-ffff", false],
			["good-first", true],
		] as const) {
			const { server, sent, feed } = serverFor();
			feed(name);
			server.tick();
			const reply = new DatagramCipher(Buffer.from(fixture.key_hex, "hex")).open(sent[0] as Uint8Array);
			assert.equal(reply?.timestampReply !== 65_535, echoed);
		}
	});
});
