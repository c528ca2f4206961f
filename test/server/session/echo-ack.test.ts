import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ALONE_AFTER_MS, ECHO_DELAY_MS, EchoAck } from "../../../src/server/session/echo-ack.js";
import { SeededRandom } from "../../support/random.js";

describe("the echo ack", () => {
	it("follows a client state by 50 ms, and wakes for it 8 ms later", () => {
		const ack = new EchoAck();
		assert.equal(ack.waitTime(0), Number.POSITIVE_INFINITY);
		ack.register(3n, 1000);
		ack.register(4n, 1020);
		assert.equal(ack.waitTime(1010), 48);
		assert.equal(ack.advance(1049, ECHO_DELAY_MS), false);
		assert.equal(ack.advance(1050, ECHO_DELAY_MS), true);
		assert.equal(ack.acknowledged, 3n);
		assert.equal(ack.advance(1200, ECHO_DELAY_MS), true);
		assert.equal(ack.acknowledged, 4n);
		assert.equal(ack.waitTime(1200), Number.POSITIVE_INFINITY);
	});

	it("is due when it wakes, whatever fractions of a millisecond the clock has", () => {
		const random = new SeededRandom(1);
		for (let number = 1n; number <= 1_000n; number++) {
			const ack = new EchoAck();
			// From the power of two on there is a bit less for the fraction.
			const at = 2 ** 17 - (ALONE_AFTER_MS * random.next()) / 3;
			ack.register(number, at);
			const now = at + ALONE_AFTER_MS;
			assert.equal(ack.waitTime(now), 0);
			assert.ok(ack.advance(now, ALONE_AFTER_MS), `registered at ${at}`);
		}
	});

	it("never goes back", () => {
		const ack = new EchoAck();
		ack.register(9n, 0);
		ack.advance(100, ECHO_DELAY_MS);
		ack.register(5n, 200);
		assert.equal(ack.advance(300, ECHO_DELAY_MS), false);
		assert.equal(ack.acknowledged, 9n);
	});
});
