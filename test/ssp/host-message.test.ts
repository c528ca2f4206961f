import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { decodeHostMessage, encodeHostMessage } from "../../src/ssp/host-message.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");

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
