/** The three messages, user input as a state, and the key's text. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import { formatKey, generateKey, parseKey } from "../../src/ssp/crypto/key.js";
import { decodeHostMessage, encodeHostMessage } from "../../src/ssp/host-message.js";
import { decodeInstruction, encodeInstruction } from "../../src/ssp/instruction.js";
import {
	decodeUserEvents,
	encodeUserEvents,
	type UserEvent,
	UserInput,
	userInputCodec,
} from "../../src/ssp/user-input.js";

const keys = (text: string): UserEvent => ({ type: "bytes", bytes: Buffer.from(text) });
const resize = (columns: number, rows: number): UserEvent => ({ type: "resize", columns, rows });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** Events as text, however their bytes are grouped. */
const told = (events: readonly UserEvent[]) =>
	events
		.map((e) => (e.type === "bytes" ? Buffer.from(e.bytes).toString("latin1") : `<${e.columns}x${e.rows}>`))
		.join("");

const event = fc.oneof(
	fc.uint8Array({ minLength: 1, maxLength: 8 }).map((bytes): UserEvent => ({ type: "bytes", bytes })),
	fc
		.tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }))
		.map(([c, r]) => resize(c, r)),
);

describe("the transport instruction", () => {
	test("carries 64-bit numbers exactly", () => {
		fc.assert(
			fc.property(
				uint64,
				uint64,
				uint64,
				uint64,
				fc.uint8Array(),
				(oldNumber, newNumber, ack, throwaway, diff) => {
					const decoded = decodeInstruction(
						encodeInstruction({ oldNumber, newNumber, ack, throwaway, diff }),
					);
					assert.deepEqual(
						{ ...decoded, diff: Buffer.from(decoded.diff) },
						{
							oldNumber,
							newNumber,
							ack,
							throwaway,
							diff: Buffer.from(diff),
						},
					);
				},
			),
			{ seed: 1, examples: [[2n ** 64n - 1n, 2n ** 63n, 2n ** 53n + 1n, 2n ** 32n, Uint8Array.of()]] },
		);
	});

	test("has all seven fields, and 0 to 16 bytes of chaff that differ from time to time", () => {
		const plain = { oldNumber: 0n, newNumber: 0n, ack: 0n, throwaway: 0n, diff: new Uint8Array(0) };
		const encoded = Array.from({ length: 300 }, () => encodeInstruction(plain));
		const lengths = new Set(encoded.map((bytes) => bytes[13] as number));
		for (const bytes of encoded) {
			assert.equal(hex(bytes.subarray(0, 13)), "0802100018002000280032003a");
			assert.equal(bytes.length, 14 + (bytes[13] as number));
		}
		assert.deepEqual([Math.min(...lengths), Math.max(...lengths), lengths.size], [0, 16, 17]);
	});
});

describe("user events", () => {
	test("are encoded as the stock client does", () => {
		assert.equal(hex(encodeUserEvents([resize(80, 24)])), "0a061a0428503018");
		assert.equal(hex(encodeUserEvents([keys("e")])), "0a051203220165");
		assert.equal(hex(encodeUserEvents([keys("a"), keys("b")])), hex(encodeUserEvents([keys("ab")])));
		assert.equal(encodeUserEvents([]).length, 0);
	});

	test("survive, in order", () => {
		fc.assert(
			fc.property(fc.array(event), (events) => {
				assert.equal(told(decodeUserEvents(encodeUserEvents(events))), told(events));
			}),
			{ seed: 2 },
		);
	});

	test("sizes no terminal has are left out", () => {
		const odd = [resize(0, 24), resize(80, -1), resize(65_536, 24), resize(80, 24)];
		assert.deepEqual(decodeUserEvents(encodeUserEvents(odd)), [resize(80, 24)]);
	});
});

describe("user input", () => {
	test("goes on from any count, whatever was forgotten before", () => {
		fc.assert(
			fc.property(fc.array(event), fc.nat(100), fc.nat(100), (events, a, b) => {
				const input = UserInput.empty.with(...events);
				const [forgotten, count] = [Math.min(a, b), Math.max(a, b)];
				assert.equal(told(input.forget(forgotten).since(count)), told(input.since(count)));
				assert.equal(input.forget(forgotten).end, input.end);
				const consumed = Math.min(count, input.end);
				const before = told(input.since(0));
				assert.ok(before.endsWith(told(input.since(consumed))));
			}),
			{ seed: 3 },
		);
	});

	test("a repeated diff from an older base brings nothing twice", () => {
		const base = UserInput.empty.with(resize(80, 24));
		const first = userInputCodec.apply(base, encodeUserEvents([keys("a")]));
		const again = userInputCodec.apply(base, encodeUserEvents([keys("ab")]));
		assert.deepEqual(told(again.since(first.end)), "b");
		assert.ok(userInputCodec.equal(first, base.with(keys("x"))));
	});

	test("events that are gone are not made up", () => {
		const input = UserInput.empty.with(keys("abc")).forget(2);
		assert.throws(() => input.since(1), { code: "history-forgotten" });
		assert.equal(told(input.since(2)), "c");
		assert.deepEqual(input.since(99), []);
	});
});

describe("host messages", () => {
	test("say echo ack, size and string in this order", () => {
		const message = {
			echoAck: 2n ** 64n - 2n,
			resize: { columns: 132, rows: 43 },
			hostString: Buffer.from("hi"),
		};
		const parts = decodeHostMessage(encodeHostMessage({ ...message }));
		assert.deepEqual(parts, [
			{ echoAck: message.echoAck },
			{ resize: message.resize },
			{ hostString: message.hostString },
		]);
	});

	test("are encoded as the stock server does, and empty when there is nothing to say", () => {
		const prompt = Buffer.from("1b5b3f32356c0a24201b5b3f3235681b5b3f3230303468", "hex");
		assert.equal(
			hex(encodeHostMessage({ echoAck: 1n, hostString: prompt })),
			"0a043a0240010a1b121922171b5b3f32356c0a24201b5b3f3235681b5b3f3230303468",
		);
		assert.equal(encodeHostMessage({}).length, 0);
		assert.equal(encodeHostMessage({ hostString: new Uint8Array(0) }).length, 0);
	});

	test("that do not parse are refused", () => {
		assert.throws(() => decodeHostMessage(Buffer.from("0aff", "hex")), { code: "bad-message" });
	});
});

describe("keys", () => {
	test("are 16 bytes, different each time, and survive as text", () => {
		const key = generateKey();
		assert.equal(key.length, 16);
		assert.notDeepEqual(generateKey(), key);
		assert.deepEqual(Buffer.from(parseKey(formatKey(key))), Buffer.from(key));
		assert.equal(formatKey(Uint8Array.from({ length: 16 }, (_, i) => i)), "AAECAwQFBgcICQoLDA0ODw");
	});

	test("in any other text are refused", () => {
		const good = "AAECAwQFBgcICQoLDA0ODw";
		for (const bad of [
			"",
			`${good}==`,
			good.slice(1),
			`${good}A`,
			`${good.slice(0, 21)}x`,
			good.replace("C", "-"),
			`${good}\n`,
		]) {
			assert.throws(() => parseKey(bad), { code: "bad-key" }, bad);
		}
		assert.throws(() => formatKey(new Uint8Array(15)), { code: "bad-key" });
	});
});
