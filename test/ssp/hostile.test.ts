/** A hundred thousand bad datagrams: nothing throws, nothing piles up, and a live session goes on. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { deflateSync } from "node:zlib";
import { compress } from "../../src/ssp/compression.js";
import { DatagramCipher } from "../../src/ssp/datagram.js";
import { encodeFragment } from "../../src/ssp/fragment.js";
import { encodeInstruction } from "../../src/ssp/instruction.js";
import { encodeUserEvents } from "../../src/ssp/user-input.js";
import type { SeededRandom } from "../support/random.js";
import { KEY, TransportPair } from "../support/transport-pair.js";

const ATTACKER = { address: "203.0.113.66", port: 666 };
const COUNT = 100_000;
const keys = (text: string) => ({ type: "bytes", bytes: Buffer.from(text) }) as const;

/** A session in use, whose datagrams to the server an attacker has seen. */
function liveSession() {
	const pair = new TransportPair({ seed: 11, link: { delay: 5 } });
	const seen: Uint8Array[] = [];
	const { deliver } = pair.link.client;
	pair.link.client.deliver = (datagram, from) => {
		if (seen.length < 500) {
			seen.push(datagram);
		}
		deliver(datagram, from);
	};
	let read = "";
	let consumed = 0;
	pair.onServerState = () => {
		const { state } = pair.server.remote;
		for (const event of state.since(consumed)) {
			if (event.type === "bytes") {
				read += Buffer.from(event.bytes);
			}
		}
		consumed = state.end;
		pair.server.setLocal(read.slice(-80));
	};
	let typed = "";
	const type = (text: string) => {
		typed += text;
		pair.enter(keys(text));
		pair.run(100);
	};
	const check = () => {
		pair.run(1_000);
		assert.equal(read, typed);
		assert.equal(pair.client.remote.state, typed.slice(-80));
	};
	return { pair, seen, type, check };
}

function forge(random: SeededRandom, seen: readonly Uint8Array[]): Uint8Array {
	const datagram = (seen[random.below(seen.length)] as Uint8Array).slice();
	switch (random.below(5)) {
		case 0:
			return random.bytes(random.below(100));
		case 1:
			return datagram.subarray(0, random.below(datagram.length));
		case 2: {
			const bit = random.below(datagram.length * 8);
			datagram[bit >> 3] = (datagram[bit >> 3] as number) ^ (1 << (bit & 7));
			return datagram;
		}
		case 3:
			return Buffer.concat([datagram, random.bytes(1 + random.below(30))]);
		default:
			return datagram;
	}
}

describe("hostile input", () => {
	test(`${COUNT} random, cut, changed, lengthened and replayed datagrams`, () => {
		const { pair, seen, type, check } = liveSession();
		for (let i = 0; i < 20; i++) {
			type("before ");
		}
		const peer = pair.server.peer;
		let taken = 0;
		for (let i = 0; i < COUNT; i++) {
			if (pair.server.receive(forge(pair.random, seen), ATTACKER)) {
				taken++;
			}
			if (i % 5_000 === 0) {
				type("during ");
			}
		}
		assert.equal(taken, 0);
		assert.deepEqual(pair.server.peer, peer);
		assert.deepEqual(
			[
				pair.server.buffered.received <= 32,
				pair.server.buffered.sent <= 32,
				pair.server.buffered.fragmentBytes,
			],
			[true, true, 0],
		);
		type("after");
		check();
	});

	/** What someone with the key can do: authentic datagrams with contents of their own. */
	function insider(pair: TransportPair, firstSequence: bigint) {
		const cipher = new DatagramCipher(KEY);
		let sequence = firstSequence;
		return (payload: Uint8Array) =>
			pair.server.receive(
				cipher.seal({ toClient: false, sequence: sequence++, timestamp: 1, timestampReply: 65_535, payload }),
				pair.link.client.address,
			);
	}

	test("authentic rubbish in every layer", () => {
		const { pair, type, check } = liveSession();
		type("before ");
		const send = insider(pair, 1_000_000n);
		const { random } = pair;
		const fragment = (contents: Uint8Array, number = 0, final = true, id = BigInt(random.below(50))) =>
			encodeFragment({ id: 1_000n + id, number, final, contents });
		const message = encodeUserEvents([keys("x")]);
		const held = pair.server.remote.number;
		for (let i = 0; i < 5_000; i++) {
			send(random.bytes(random.below(60)));
			send(fragment(random.bytes(random.below(60))));
			send(fragment(random.bytes(1_000), random.below(0x8000), random.below(2) === 0));
			send(fragment(compress(random.bytes(random.below(60)))));
			const diff = i % 2 ? random.bytes(random.below(30)) : message.subarray(0, random.below(message.length));
			const numbers = {
				oldNumber: 10n ** 15n,
				newNumber: 10n ** 16n + BigInt(i),
				ack: BigInt(i),
				throwaway: 2n ** 64n - 1n,
			};
			send(fragment(compress(encodeInstruction({ ...numbers, diff }))));
		}
		assert.equal(pair.server.remote.number, held);
		assert.ok(pair.server.buffered.fragmentBytes <= 4_194_304 + 65_536);
		// The live client's sequence numbers are behind the insider's now, but what it says still counts.
		type("after");
		check();
	});

	test("states opened and never let go: quenched beyond 1024", () => {
		const { pair, type } = liveSession();
		type("x");
		const send = insider(pair, 1_000_000n);
		const base = pair.server.remote.number;
		for (let i = 0; i < 5_000; i++) {
			const numbers = { oldNumber: base, newNumber: base + 1n + BigInt(i), ack: 0n, throwaway: 0n };
			const contents = compress(encodeInstruction({ ...numbers, diff: encodeUserEvents([keys("x")]) }));
			send(encodeFragment({ id: 5_000n + BigInt(i), number: 0, final: true, contents }));
		}
		assert.ok(pair.server.buffered.received <= 1_026);
	});

	test("a throwaway number above everything leaves a state to build on", () => {
		const { pair } = liveSession();
		const send = insider(pair, 0n);
		const contents = compress(
			encodeInstruction({
				oldNumber: 0n,
				newNumber: 5n,
				ack: 0n,
				throwaway: 99n,
				diff: encodeUserEvents([keys("x")]),
			}),
		);
		assert.equal(send(encodeFragment({ id: 1n, number: 0, final: true, contents })), true);
		assert.equal(pair.server.remote.state.end, 1);
	});

	test("a bomb of 64 MiB in 64 KiB goes off nowhere", () => {
		const { pair, type, check } = liveSession();
		type("before ");
		const send = insider(pair, 1_000_000n);
		const bomb = deflateSync(Buffer.alloc(64 << 20), { level: 9 });
		const before = process.memoryUsage().arrayBuffers;
		for (let round = 0; round < 10; round++) {
			for (let at = 0, number = 0; at < bomb.length; at += 1_200, number++) {
				const final = at + 1_200 >= bomb.length;
				assert.equal(
					send(
						encodeFragment({
							id: 9_000n + BigInt(round),
							number,
							final,
							contents: bomb.subarray(at, at + 1_200),
						}),
					),
					false,
				);
			}
		}
		assert.ok(process.memoryUsage().arrayBuffers - before < 64 << 20);
		assert.equal(pair.server.buffered.fragmentBytes, 0);
		type("after");
		check();
	});
});
