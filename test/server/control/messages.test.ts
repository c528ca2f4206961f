import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { decodeReply, decodeRequest, encode } from "../../../src/server/control/messages.js";
import { FACTS } from "../../support/session-facts.js";

/** A line as another version would write it. */
const line = (fields: object) => JSON.stringify({ v: 1, ...fields });

describe("a question", () => {
	it("comes out as it went in", () => {
		for (const question of [
			{ type: "who" },
			{ type: "end" },
			{ type: "history", from: 70, colours: true },
			{
				type: "attach",
				bind: { kind: "address", address: "::1" },
				ports: { first: 1, last: 2 },
				ssh: "a b c d",
				watch: true,
			},
			{ type: "attach", bind: { kind: "any" }, watch: false },
		] as const) {
			assert.deepEqual(decodeRequest(encode(question)), question);
		}
	});

	it("may have keys that this version does not know", () => {
		assert.deepEqual(decodeRequest(line({ type: "who", why: "curiosity" })), { type: "who" });
		const history = decodeRequest(line({ type: "history", from: "x" }));
		assert.deepEqual(history, { type: "history", from: 0, colours: false });
	});

	it("that lacks something, or is of another version, is refused in words", () => {
		const attach = { type: "attach", bind: { kind: "any" } };
		for (const [fields, reason] of [
			[{ v: 2, type: "who" }, /another version/],
			[{ type: "dance" }, /older/],
			[{ type: "attach" }, /incomplete/],
			[{ ...attach, bind: { kind: "address" } }, /incomplete/],
			[{ ...attach, ports: { first: 2, last: 1 } }, /incomplete/],
			[{ ...attach, ports: { first: 1, last: 65_536 } }, /incomplete/],
			[{ ...attach, ports: { first: 1.5, last: 2 } }, /incomplete/],
		] as const) {
			const refused = decodeRequest(line(fields));
			assert.ok(refused.type === "refused", JSON.stringify(fields));
			assert.match(refused.reason, reason);
		}
		assert.equal(decodeRequest("[]").type, "refused");
	});
});

describe("a reply", () => {
	it("comes out as it went in", () => {
		for (const reply of [FACTS, { type: "refused", reason: "it has ended" }] as const) {
			assert.deepEqual(decodeReply(encode(reply)), { v: 1, ...reply });
		}
	});

	it("of another version or kind is none", () => {
		assert.equal(decodeReply(line({ v: 2, type: "ending" })), undefined);
		assert.equal(decodeReply(line({ type: "constructor" })), undefined);
		assert.equal(decodeReply(""), undefined);
	});
});
