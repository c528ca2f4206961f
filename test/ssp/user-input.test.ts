/** What a user did, as a state that can be synchronised. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
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
