/** A live session under hostile datagrams: the server stays, its memory stays, and the client's keys still work. */

import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { deflateSync } from "node:zlib";
import { parseKey } from "../../src/ssp/crypto/key.js";
import { DatagramCipher } from "../../src/ssp/datagram.js";
import { encodeFragment, Fragmenter } from "../../src/ssp/fragment.js";
import { encodeInstruction } from "../../src/ssp/instruction.js";
import { HostileSender } from "../support/hostile-sender.js";
import { needsOurs } from "../support/mosh-server.js";
import { isAlive, residentKiB } from "../support/processes.js";
import { SeededRandom } from "../support/random.js";
import { needsSession, type RelayedSession, startShell } from "../support/session.js";

const DATAGRAMS = 100_000;
/** Before memory is measured: compiled code and buffers are not growth. */
const WARM_UP = 20_000;
/** The measured datagrams carry, or inflate to, at least twice as much: keeping even half of it would show. */
const ALLOWED_GROWTH_KIB = 24 * 1024;

const LARGEST_PAYLOAD = 1252;
const NO_TIMESTAMP = 0xffff;

async function hostileSession(t: { after(undo: () => unknown): void }) {
	const session = await startShell({ relay: { keep: 1_000 } });
	t.after(session.close);
	const hostile = await HostileSender.start(session.server.port);
	t.after(() => hostile.close());
	// Something to replay, cut and flip: datagrams of a client at work.
	for (const line of ["echo one", "echo two", "seq 1 50"]) {
		await session.terminal.enter(line);
	}
	await stillWorks(session, "before");
	return { session, hostile };
}

async function stillWorks({ terminal, server }: RelayedSession, when: string): Promise<void> {
	await terminal.enter(`echo works-${when}-$((20 + 22))`);
	await terminal.seeText(`works-${when}-42`);
	assert.ok(isAlive(server.pid));
}

/** Datagrams nobody without the key could improve on: noise, and what was overheard, whole, cut, or altered. */
function forgeries(overheard: readonly Buffer[]): () => Uint8Array {
	const random = new SeededRandom(2);
	const noise = random.bytes(1 << 16);
	const pick = () => Buffer.from(overheard[random.below(overheard.length)] ?? noise);
	const kinds = [
		() => noise.subarray(random.below(noise.length - 2_100)).subarray(0, random.below(2_100)),
		() => pick().subarray(0, random.below(60)),
		pick,
		() => {
			const datagram = pick();
			const at = random.below(datagram.length);
			datagram[at] = (datagram[at] ?? 0) ^ (1 << random.below(8));
			return datagram;
		},
	];
	let turn = 0;
	return () => {
		turn += 1;
		return (kinds[turn % kinds.length] ?? pick)();
	};
}

/** What only somebody with the key can send. Every sequence number is old, so the server's aim does not move. */
function authenticNonsense(keyText: string): Uint8Array[] {
	const cipher = new DatagramCipher(parseKey(keyText));
	const seal = (payload: Uint8Array) =>
		cipher.seal({
			toClient: false,
			sequence: 0n,
			timestamp: NO_TIMESTAMP,
			timestampReply: NO_TIMESTAMP,
			payload,
		});
	let id = 1n << 40n;
	const fragment = (contents: Uint8Array, number = 0, final = true) => {
		id += 1n;
		return seal(encodeFragment({ id, number, final, contents }));
	};
	const unknownBase = { oldNumber: 10n ** 15n, newNumber: 10n ** 15n + 1n, ack: 10n ** 15n, throwaway: 0n };
	const instruction = (diff: Uint8Array) => encodeInstruction({ ...unknownBase, diff });
	const junk = new SeededRandom(3).bytes(1_000);
	return [
		...Array.from({ length: 10 }, (_, length) => seal(new Uint8Array(length))),
		fragment(junk),
		fragment(deflateSync(junk)),
		fragment(deflateSync(junk).subarray(0, 500)),
		fragment(deflateSync(Buffer.from([0x08, 0x09]))),
		fragment(deflateSync(instruction(junk))),
		...Array.from({ length: 200 }, (_, number) => fragment(junk, number * 163, false)),
		...Array.from({ length: 3_000 }, (_, number) =>
			seal(encodeFragment({ id: 7n, number: 32_000 - number, final: false, contents: junk })),
		),
		...bomb(64 << 20).map(seal),
		...bomb(512 << 20).map(seal),
	];
}

/** Fragments of a zlib stream that inflates to `size` bytes. */
function bomb(size: number): Uint8Array[] {
	const room = LARGEST_PAYLOAD - 8 - 16 - 4;
	return new Fragmenter().cut(deflateSync(Buffer.alloc(size), { level: 9 }), room).map(encodeFragment);
}

describe("hostile datagrams at a live session", { skip: needsSession() }, () => {
	it("survives noise, replays, cut and altered datagrams, and does not grow", async (t) => {
		const { session, hostile } = await hostileSession(t);
		const make = forgeries([...session.relay.heardFromClient]);
		await hostile.send(WARM_UP, make);
		const before = residentKiB(session.server.pid);
		await hostile.send(DATAGRAMS - WARM_UP, make);
		const growth = residentKiB(session.server.pid) - before;
		t.diagnostic(`resident memory grew by ${growth} KiB, ${hostile.dropped()} datagrams were dropped unread`);
		assert.ok(growth < ALLOWED_GROWTH_KIB, `grew by ${growth} KiB`);
		assert.ok(hostile.dropped() < DATAGRAMS / 100, "nearly all datagrams reached the server");
		await stillWorks(session, "after");
	});

	it("survives zlib bombs and nonsense sealed with the key", { skip: needsOurs() }, async (t) => {
		const { session, hostile } = await hostileSession(t);
		const nonsense = authenticNonsense(session.server.key);
		const sendAll = () => hostile.send(nonsense.length, (index) => nonsense[index] ?? new Uint8Array());
		for (let round = 0; round < 6; round += 1) {
			await sendAll();
		}
		const before = residentKiB(session.server.pid);
		for (let round = 0; round < 6; round += 1) {
			await sendAll();
		}
		const growth = residentKiB(session.server.pid) - before;
		t.diagnostic(`resident memory grew by ${growth} KiB`);
		assert.ok(growth < ALLOWED_GROWTH_KIB, `grew by ${growth} KiB`);
		await stillWorks(session, "after");
	});
});
