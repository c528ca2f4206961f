/** Both ends together; what each part of one does is in the files of the parts. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DatagramCipher } from "../../src/ssp/datagram.js";
import { KEY, TransportPair } from "../support/transport-pair.js";

const SIZE = { type: "resize", columns: 80, rows: 24 } as const;

function connected(): TransportPair {
	const pair = new TransportPair();
	pair.enter(SIZE);
	assert.ok(pair.run(1000, () => pair.server.remote.number > 0n));
	return pair;
}

describe("a transport", () => {
	test("of a server knows nobody until it is heard of, and sends nothing", () => {
		const { server, link } = new TransportPair();
		server.setLocal("x");
		assert.equal(server.tick(), false);
		assert.deepEqual(
			[server.peer, server.attached, server.lastHeard, server.remote.number, link.server.sent],
			[undefined, false, undefined, 0n, 0],
		);
	});

	test("brings each end's state to the other, and knows what the other has", () => {
		const pair = connected();
		pair.server.setLocal("hello");
		assert.equal(pair.server.confirmedLocal, "");
		pair.run(1000);
		assert.equal(pair.client.remote.state, "hello");
		assert.equal(pair.server.confirmedLocal, "hello");
		assert.deepEqual(pair.server.peer, pair.link.client.address);
	});

	test("tells when it has something new, and never throws, whatever it is given", () => {
		const pair = connected();
		const seen: string[] = [];
		const { server } = pair;
		let news = 0;
		pair.onServerState = () => {
			news++;
		};
		const payload = Buffer.from("short");
		const rest = { toClient: false, sequence: 10_000n, timestamp: 1, timestampReply: 0xffff };
		const senseless = new DatagramCipher(KEY).seal({ ...rest, payload });
		for (const bytes of [new Uint8Array(0), Buffer.alloc(60), Buffer.alloc(3000), senseless]) {
			seen.push(`${server.receive(bytes, pair.link.client.address)}`);
		}
		assert.deepEqual(seen, ["false", "false", "false", "false"]);
		pair.enter(SIZE);
		pair.run(1000);
		assert.equal(news, 1);
	});

	test("recognises datagrams of its own key, and changes nothing by it", () => {
		const pair = connected();
		const caught: Uint8Array[] = [];
		pair.link.client.deliver = (datagram) => caught.push(Uint8Array.from(datagram));
		pair.enter(SIZE);
		pair.run(1000);
		const [datagram] = caught;
		assert.ok(datagram);
		const { number } = pair.server.remote;
		assert.equal(pair.server.recognises(datagram), true);
		assert.equal(pair.server.recognises(Buffer.from(datagram).reverse()), false);
		assert.equal(pair.server.remote.number, number);
	});

	test("is due when its state has changed, and not before something happens once all is told", () => {
		const pair = connected();
		pair.run(10_000);
		assert.ok(pair.server.waitTime() > 0);
		pair.server.setLocal("new");
		assert.ok(pair.server.waitTime() < 50);
	});

	test("ends from either side, and knows that the other knows", () => {
		for (const side of ["server", "client"] as const) {
			const pair = connected();
			const other = side === "server" ? "client" : "server";
			pair[side].startShutdown();
			assert.equal(pair[side].shuttingDown, true);
			pair.run(2000);
			assert.equal(pair[side].shutdownAcknowledged, true, side);
			assert.equal(pair[other].peerShutdownAcknowledged, true, other);
		}
	});
});
