/** Instructions over datagrams: fragments, their size, and what is reported of them (protocol §2). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Channel } from "../../src/ssp/channel.js";
import type { DatagramPort, PeerAddress, SendOutcome } from "../../src/ssp/datagram-port.js";
import type { Instruction } from "../../src/ssp/instruction.js";
import type { DatagramSent } from "../../src/ssp/observer.js";
import { SeededRandom } from "../support/random.js";
import { KEY } from "../support/transport-pair.js";

const HOME: PeerAddress = { address: "192.0.2.2", port: 40_000 };
const SHORT: Instruction = {
	oldNumber: 1n,
	newNumber: 2n,
	ack: 3n,
	throwaway: 1n,
	diff: Buffer.from("text"),
};
const LONG: Instruction = { ...SHORT, diff: new SeededRandom(1).bytes(5_000) };

/** A client's channel to a server's; `outcome` is what becomes of a datagram, by its length. */
function setUp(outcome: (length: number) => SendOutcome = () => "sent") {
	const wire: Uint8Array[] = [];
	const reports: DatagramSent[] = [];
	const port = {
		family: "ipv4",
		send: (bytes: Uint8Array) => {
			const result = outcome(bytes.length);
			if (result === "sent") {
				wire.push(bytes.slice());
			}
			return result;
		},
	} as const;
	const observer = { sent: (datagram: DatagramSent) => void reports.push(datagram) };
	const client = new Channel({ role: "client", key: KEY, port, peer: HOME, observer });
	const server = new Channel({ role: "server", key: KEY, port });
	const deliver = (datagrams = wire) => datagrams.map((bytes) => server.receive(bytes, HOME, 0, 0));
	return { client, server, wire, reports, deliver };
}

describe("a channel", () => {
	test("carries an instruction, in one datagram if it fits", () => {
		const { client, server, wire, deliver } = setUp();
		client.send(SHORT, 0);
		assert.equal(wire.length, 1);
		assert.deepEqual(deliver(), [SHORT]);
		assert.deepEqual(server.peer, HOME);
	});

	test("carries a long one in fragments, in any order", () => {
		const { client, server, wire, deliver } = setUp();
		client.send(LONG, 0);
		assert.ok(wire.length > 1);
		const received = deliver(wire.toReversed());
		assert.deepEqual(received.slice(0, -1), Array(wire.length - 1).fill(undefined));
		assert.deepEqual(received.at(-1), LONG);
		assert.equal(server.bufferedBytes, 0);
	});

	test("repeats an instruction in the same fragments, so that the gaps of the first time fill in", () => {
		const { client, server, wire, deliver } = setUp();
		client.send(LONG, 0);
		const lost = wire.splice(1, 1);
		assert.ok(deliver().every((each) => each === undefined));
		assert.ok(server.bufferedBytes > 0);
		wire.length = 0;
		client.send(LONG, 20);
		assert.equal(lost.length, 1);
		assert.deepEqual(deliver([wire[1] as Uint8Array]), [LONG]);
	});

	test("sends once more, in smaller fragments, when the path is too narrow, and remembers it", () => {
		const attempts: number[] = [];
		const { client, wire, deliver } = setUp((length) => {
			attempts.push(length);
			return length > 500 ? "too-big" : "sent";
		});
		client.send(LONG, 0);
		assert.deepEqual(
			attempts.filter((length) => length > 500),
			[1_252, 972],
		);
		assert.deepEqual(deliver().at(-1), LONG);
		wire.length = 0;
		client.send({ ...LONG, newNumber: 3n }, 20);
		assert.equal(attempts.filter((length) => length > 500).length, 2);
		assert.deepEqual(deliver().at(-1), { ...LONG, newNumber: 3n });
	});

	test("sends once more when the refusal becomes known only afterwards", () => {
		const wire: Uint8Array[] = [];
		const refused: number[] = [];
		let tell: (outcome: SendOutcome, bytes: number) => void = () => {};
		const port: DatagramPort = {
			family: "ipv4",
			send: (bytes) => {
				if (bytes.length > 1_000) {
					refused.push(bytes.length);
				} else {
					wire.push(bytes.slice());
				}
				return "sent";
			},
			onSendError: (listener) => {
				tell = listener;
			},
		};
		const { server } = setUp();
		const client = new Channel({ role: "client", key: KEY, port, peer: HOME });
		client.send(LONG, 0);
		wire.length = 0;
		tell("failed", 1_252);
		assert.equal(wire.length, 0);
		for (const bytes of refused.splice(0)) {
			tell("too-big", bytes);
		}
		assert.equal(refused.length, 0);
		assert.deepEqual(
			wire.map((bytes) => server.receive(bytes, HOME, 0, 0)).filter((each) => each !== undefined),
			[LONG],
			"once, however many fragments were refused",
		);
	});

	test("does not go on for ever when even those are too big", () => {
		let attempts = 0;
		const { client } = setUp(() => {
			attempts++;
			return "too-big";
		});
		client.send(LONG, 0);
		// One that was too large, then all of the smaller ones: the kernel may be wrong about some.
		assert.ok(attempts > 10 && attempts < 20, `${attempts}`);
	});

	test("reports each datagram and what became of it", () => {
		const { client, reports, wire } = setUp();
		client.send(LONG, 0);
		assert.deepEqual(
			reports.map(({ fragmentNumber }) => fragmentNumber),
			wire.map((_, index) => index),
		);
		const { oldNumber, newNumber, ack, throwaway, fragmentId, interval, rto, srtt, outcome } =
			reports[0] as DatagramSent;
		assert.deepEqual([oldNumber, newNumber, ack, throwaway, fragmentId], [1n, 2n, 3n, 1n, 1n]);
		assert.deepEqual([interval, rto, srtt, outcome], [250, 1_000, 1_000, "sent"]);
		assert.deepEqual([client.interval, client.rto], [250, 1_000]);
	});

	test("drops what is not authentic, and throws for what is and makes no sense", () => {
		const { client, server, wire } = setUp();
		client.send(SHORT, 0);
		const [genuine] = wire;
		assert.ok(genuine);
		const forged = Uint8Array.from(genuine);
		forged[20] = (forged[20] as number) ^ 1;
		assert.equal(server.receive(forged, HOME, 0, 0), undefined);
		assert.equal(server.attached, false);
		client.send({ ...SHORT, diff: Buffer.alloc(5_000_000) }, 0);
		assert.throws(
			() => {
				for (const bytes of wire.slice(1)) {
					server.receive(bytes, HOME, 0, 0);
				}
			},
			{ code: "bad-compression" },
		);
		assert.equal(server.attached, true);
	});
});
