/** Recorded sessions of the stock programs, replayed to a transport in the place of either side. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decompress } from "../../src/ssp/compression.js";
import { formatKey, parseKey } from "../../src/ssp/crypto/key.js";
import { DatagramCipher } from "../../src/ssp/datagram.js";
import { Assembler, decodeFragment } from "../../src/ssp/fragment.js";
import { decodeHostMessage, Transport, UserInput, userInputCodec } from "../../src/ssp/index.js";
import { decodeInstruction } from "../../src/ssp/instruction.js";
import type { StateReceived } from "../../src/ssp/observer.js";
import type { RemoteStateCodec } from "../../src/ssp/state.js";
import { decodeUserEvents } from "../../src/ssp/user-input.js";
import { FakeClock } from "../support/fake-clock.js";
import { textCodec } from "../support/transport-pair.js";
import { type RecordedEvent, type RecordedSession, recordedSessions } from "../support/wire-fixtures.js";

type Direction = "to-server" | "to-client";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

/** What decoded diffs look like in the recordings. */
function eventsOf(direction: Direction, diff: Uint8Array): RecordedEvent[] {
	if (direction === "to-server") {
		return decodeUserEvents(diff).map((event) =>
			event.type === "bytes"
				? { keystroke: { keys_hex: hex(event.bytes) } }
				: { resize: { width: event.columns, height: event.rows } },
		);
	}
	return decodeHostMessage(diff).map(({ echoAck, resize, hostString }) => {
		if (hostString) {
			return { hostbytes: { hoststring_hex: hex(hostString) } };
		}
		if (resize) {
			return { resize: { width: resize.columns, height: resize.rows } };
		}
		return { echoack: { echo_ack_num: String(echoAck) } };
	});
}

function withoutText(events: readonly RecordedEvent[]): RecordedEvent[] {
	return events.map((event) =>
		event.hostbytes ? { hostbytes: { hoststring_hex: event.hostbytes.hoststring_hex } } : event,
	);
}

/** Every diff since state 0, one after the other: shows which bases were used. */
const trailCodec: RemoteStateCodec<string> = { apply: (base, diff) => `${base}/${hex(diff)}` };

/** What a receiver following protocol §3.4 step by step ends up with. */
function expectedStates(session: RecordedSession, direction: Direction): { number: bigint; trail: string }[] {
	const trails = new Map<bigint, string>([[0n, ""]]);
	const newest: { number: bigint; trail: string }[] = [{ number: 0n, trail: "" }];
	for (const packet of session.packets) {
		const { instruction } = packet;
		if (packet.direction !== direction || !instruction) {
			continue;
		}
		const number = BigInt(instruction.new_num);
		const base = trails.get(BigInt(instruction.old_num));
		if (base === undefined || trails.has(number)) {
			continue;
		}
		for (const held of trails.keys()) {
			if (held < BigInt(instruction.throwaway_num)) {
				trails.delete(held);
			}
		}
		const trail = instruction.diff_hex === "" ? base : `${base}/${instruction.diff_hex}`;
		trails.set(number, trail);
		if (number > (newest.at(-1) as { number: bigint }).number) {
			newest.push({ number, trail });
		}
	}
	return newest;
}

for (const session of recordedSessions()) {
	describe(session.file, () => {
		const key = parseKey(session.key_text);

		test("the key reads and writes", () => {
			assert.equal(hex(key), session.key_hex);
			assert.equal(formatKey(key), session.key_text);
		});

		test("every datagram opens, and its fields are the recorded ones", () => {
			const cipher = new DatagramCipher(key);
			const assemblers = { "to-server": new Assembler(), "to-client": new Assembler() };
			for (const packet of session.packets) {
				const datagram = cipher.open(Buffer.from(packet.raw_hex, "hex"));
				assert.ok(datagram);
				const fragment = decodeFragment(datagram.payload);
				assert.deepEqual(
					[
						datagram.toClient ? "to-client" : "to-server",
						String(datagram.sequence),
						datagram.timestamp,
						datagram.timestampReply,
					],
					[packet.direction, packet.seq, packet.timestamp, packet.timestamp_reply],
				);
				assert.deepEqual(
					[String(fragment.id), fragment.number, fragment.final, fragment.contents.length],
					[packet.fragment.id, packet.fragment.num, packet.fragment.final, packet.fragment.contents_len],
				);
				const whole = assemblers[packet.direction].add(fragment);
				assert.equal(whole !== undefined, packet.instruction !== undefined);
				if (!whole || !packet.instruction) {
					continue;
				}
				const recorded = packet.instruction;
				const inflated = decompress(whole);
				assert.equal(hex(inflated), recorded.inflated_hex);
				const decoded = decodeInstruction(inflated);
				assert.deepEqual([decoded.oldNumber, decoded.newNumber, decoded.ack, decoded.throwaway].map(String), [
					recorded.old_num,
					recorded.new_num,
					recorded.ack_num,
					recorded.throwaway_num,
				]);
				assert.equal(hex(decoded.diff), recorded.diff_hex);
				assert.deepEqual(eventsOf(packet.direction, decoded.diff), withoutText(recorded.diff));
			}
		});

		for (const direction of ["to-server", "to-client"] as const) {
			test(`replayed ${direction}, each state comes from its recorded base`, () => {
				const clock = new FakeClock();
				const start = clock.now();
				const received: StateReceived[] = [];
				const receiver = new Transport({
					role: direction === "to-server" ? "server" : "client",
					key,
					clock,
					port: { family: "ipv4", send: () => "sent" },
					peer: { address: "192.0.2.9", port: 1 },
					local: textCodec,
					initialLocal: "",
					remote: trailCodec,
					initialRemote: "",
					observer: { received: (state) => received.push(state) },
				});
				const states = [{ number: 0n, trail: "" }];
				for (const packet of session.packets) {
					if (packet.direction !== direction) {
						continue;
					}
					clock.advanceTo(start + packet.t_ms);
					const from = { address: "127.0.0.1", port: packet.src_port };
					if (!receiver.receive(Buffer.from(packet.raw_hex, "hex"), from)) {
						continue;
					}
					states.push({ number: receiver.remote.number, trail: receiver.remote.state });
				}
				assert.ok(states.length > 1);
				assert.deepEqual(states, expectedStates(session, direction));
				assert.equal(received.filter((state) => state.newest).length, states.length - 1);
			});
		}

		test("the server sees every event of the user once", () => {
			const server = new Transport({
				role: "server",
				key,
				clock: new FakeClock(),
				port: { family: "ipv4", send: () => "sent" },
				local: textCodec,
				initialLocal: "",
				remote: userInputCodec,
				initialRemote: UserInput.empty,
			});
			let consumed = 0;
			let bytes = 0;
			const firsts: string[] = [];
			for (const packet of session.packets) {
				if (packet.direction !== "to-server") {
					continue;
				}
				const from = { address: "127.0.0.1", port: packet.src_port };
				if (!server.receive(Buffer.from(packet.raw_hex, "hex"), from)) {
					continue;
				}
				const { state } = server.remote;
				for (const event of state.since(consumed)) {
					firsts.push(event.type);
					bytes += event.type === "bytes" ? event.bytes.length : 1;
				}
				consumed = state.end;
			}
			assert.equal(bytes, consumed);
			if (session.packets[0]?.instruction?.old_num === "0") {
				assert.equal(firsts[0], "resize");
			}
		});
	});
}
