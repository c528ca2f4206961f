/** Order, time, address and size of datagrams (protocol §1.3 to §1.7). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Connection } from "../../src/ssp/connection.js";
import { DatagramCipher } from "../../src/ssp/datagram.js";
import type { PeerAddress, SendOutcome } from "../../src/ssp/datagram-port.js";
import type { TransportObserver } from "../../src/ssp/observer.js";
import { KEY } from "../support/transport-pair.js";

const HOME = { address: "192.0.2.2", port: 40_000 };
const NONE = 65_535;

function setUp(options: { family?: "ipv4" | "ipv6"; outcome?: SendOutcome; keyBlockLimit?: number } = {}) {
	const cipher = new DatagramCipher(KEY);
	const sent: { bytes: Uint8Array; to: PeerAddress }[] = [];
	const notes: string[] = [];
	const observer: TransportObserver = {
		peerChanged: ({ address, port }) => notes.push(`${address}:${port}`),
		detached: () => notes.push("detached"),
		congestion: () => notes.push("congestion"),
		dropped: (reason) => notes.push(reason),
	};
	const connection = new Connection({
		role: "server",
		key: KEY,
		port: {
			family: options.family ?? "ipv4",
			send: (bytes, to) => {
				sent.push({ bytes: bytes.slice(), to });
				return options.outcome ?? "sent";
			},
		},
		observer,
		keyBlockLimit: options.keyBlockLimit,
	});
	const hear = (
		sequence: bigint,
		now: number,
		{ timestamp = NONE, timestampReply = NONE, from = HOME, ecn = 0, toClient = false } = {},
	) => {
		const payload = Buffer.from("0123456789");
		return connection.receive(
			cipher.seal({ toClient, sequence, timestamp, timestampReply, payload }),
			from,
			ecn,
			now,
		);
	};
	const reply = (now: number) => {
		connection.send(Buffer.from("payload"), now);
		const datagram = cipher.open((sent.at(-1) as { bytes: Uint8Array }).bytes);
		assert.ok(datagram);
		return datagram;
	};
	return { connection, sent, notes, hear, reply };
}

describe("timestamps", () => {
	test("are echoed once, with the time they were held", () => {
		const { hear, reply } = setUp();
		hear(0n, 5_000, { timestamp: 100 });
		assert.equal(reply(5_040).timestampReply, 140);
		assert.equal(reply(5_041).timestampReply, NONE);
	});

	test("are forgotten after a second, and wrap", () => {
		const { hear, reply } = setUp();
		hear(0n, 5_000, { timestamp: 65_530 });
		assert.equal(reply(5_010).timestampReply, 4);
		hear(1n, 5_100, { timestamp: 7 });
		assert.equal(reply(6_100).timestampReply, NONE);
	});

	test("a newer one replaces one not echoed, an absent one does not", () => {
		const { hear, reply } = setUp();
		hear(0n, 5_000, { timestamp: 100 });
		hear(1n, 5_010, { timestamp: 110 });
		hear(2n, 5_020);
		assert.equal(reply(5_020).timestampReply, 120);
	});

	test("a congestion mark takes 500 ms off", () => {
		for (const [ecn, expected] of [
			[0, 1_000],
			[1, 1_000],
			[2, 1_000],
			[3, 500],
		] as const) {
			const { hear, reply, notes } = setUp();
			hear(0n, 5_000, { timestamp: 1_000, ecn });
			assert.equal(reply(5_000).timestampReply, expected);
			assert.equal(notes.includes("congestion"), ecn === 3);
		}
	});
});

describe("round trip", () => {
	test("is measured by in-sequence datagrams only, across the wrap", () => {
		const { connection, hear } = setUp();
		hear(5n, 65_540, { timestampReply: 65_500 });
		assert.equal(connection.roundTrip.srtt, 40);
		hear(4n, 65_540, { timestampReply: 65_000 });
		assert.equal(connection.roundTrip.srtt, 40);
	});
});

describe("the peer", () => {
	test("is unknown to a server until an authentic datagram comes", () => {
		const { connection, hear, sent } = setUp();
		assert.equal(connection.attached, false);
		assert.equal(connection.send(Buffer.from("x"), 0), "failed");
		assert.equal(sent.length, 0);
		assert.equal(connection.lastHeard, undefined);
		hear(0n, 1_000);
		assert.deepEqual([connection.peer, connection.attached, connection.lastHeard], [HOME, true, 1_000]);
	});

	test("is followed to another address or port, by newer datagrams only", () => {
		const { connection, hear, notes, reply, sent } = setUp();
		hear(0n, 1_000);
		hear(9n, 2_000, { from: { ...HOME, port: 41_000 } });
		assert.ok(hear(8n, 2_010, { from: { address: "203.0.113.1", port: 1 } }), "its payload still counts");
		assert.ok(hear(9n, 2_020, { from: { address: "203.0.113.1", port: 1 } }));
		assert.equal(connection.lastHeard, 2_000);
		reply(2_030);
		assert.equal(sent.at(-1)?.to.port, 41_000);
		assert.deepEqual(notes, ["192.0.2.2:40000", "192.0.2.2:41000"]);
	});

	test("does not change by our own datagrams sent back to us", () => {
		const { connection, hear, notes } = setUp();
		assert.equal(hear(0n, 1_000, { toClient: true }), undefined);
		assert.deepEqual(notes, ["wrong-direction"]);
		assert.equal(connection.attached, false);
	});

	test("is let go of after a send 40 s later, and is back at once when heard", () => {
		const { connection, hear, notes, reply } = setUp();
		hear(0n, 1_000);
		reply(41_000);
		assert.equal(connection.attached, true);
		reply(41_001);
		assert.equal(connection.attached, false);
		hear(1n, 90_000);
		assert.deepEqual([connection.attached, connection.peer], [true, HOME]);
		assert.deepEqual(notes, ["192.0.2.2:40000", "detached"]);
	});
});

describe("datagrams sent", () => {
	test("count up from 0, towards the client", () => {
		const { hear, reply } = setUp();
		hear(0n, 0);
		for (let i = 0n; i < 200n; i++) {
			const { sequence, toClient } = reply(0);
			assert.deepEqual([sequence, toClient], [i, true]);
		}
	});

	test("leave room for 1224, 1188 or, after a refusal, 472 bytes", () => {
		const fourth = setUp();
		const sixth = setUp({ family: "ipv6" });
		const narrow = setUp({ outcome: "too-big" });
		narrow.hear(0n, 0);
		assert.equal(narrow.connection.send(Buffer.alloc(10), 0), "too-big");
		// A fragment's header takes ten more: 1214, 1178 and 462 in protocol §1.7.
		assert.deepEqual(
			[fourth, sixth, narrow].map(({ connection }) => connection.maxPayload - 10),
			[1_214, 1_178, 462],
		);
	});

	test("end when the key has encrypted its share", () => {
		const { connection, hear } = setUp({ keyBlockLimit: 10 });
		hear(0n, 0);
		// 4 + 28 bytes are two blocks; the tenth block is one too many.
		for (let i = 0; i < 4; i++) {
			connection.send(Buffer.alloc(28), 0);
		}
		assert.throws(() => connection.send(Buffer.alloc(28), 0), { code: "key-exhausted" });
	});
});
