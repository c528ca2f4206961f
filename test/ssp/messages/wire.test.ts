import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { SspError } from "../../../src/ssp/errors.js";
import { host } from "../../../src/ssp/messages/generated/messages.js";
import { decodeMessage, toBigInt, toLong } from "../../../src/ssp/messages/wire.js";

test("64-bit numbers are carried without loss", () => {
	fc.assert(
		fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
			assert.equal(toBigInt(toLong(value)), value);
		}),
		{ examples: [[0n], [2n ** 31n], [2n ** 32n], [2n ** 53n + 1n], [2n ** 64n - 1n]] },
	);
});

test("bytes that do not parse are an error of the protocol, with its cause", () => {
	assert.throws(
		() => decodeMessage(host.HostMessage, Buffer.from("0aff", "hex")),
		(error) => error instanceof SspError && error.code === "bad-message" && error.cause instanceof Error,
	);
});
