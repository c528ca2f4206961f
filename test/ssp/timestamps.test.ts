/** The 16-bit clock and its echo (protocol §1.3). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { elapsed16, NO_TIMESTAMP, TimestampEcho, timestamp16 } from "../../src/ssp/timestamps.js";

describe("a timestamp", () => {
	test("never is the reserved value", () => {
		assert.equal(timestamp16(65_535.9), 0);
		assert.equal(timestamp16(65_534.9), 65_534);
		assert.equal(timestamp16(65_536 * 1_000_000 + 3), 3);
	});

	test("counts on across its wrap", () => {
		assert.equal(elapsed16(65_530, 4), 10);
		assert.equal(elapsed16(4, 65_530), 65_526);
		assert.equal(elapsed16(7, 7), 0);
	});
});

describe("the echo of the peer's timestamp", () => {
	test("is given once, with the time it was held", () => {
		const echo = new TimestampEcho();
		assert.equal(echo.take(0), NO_TIMESTAMP);
		echo.save(65_530, false, 1_000);
		assert.equal(echo.take(1_010.7), 4);
		assert.equal(echo.take(1_011), NO_TIMESTAMP);
	});

	test("is not given after a second", () => {
		const echo = new TimestampEcho();
		echo.save(1, false, 1_000);
		assert.equal(echo.take(2_000), NO_TIMESTAMP);
		echo.save(1, false, 3_000);
		assert.equal(echo.take(3_999), 1_000);
	});

	test("is of the newest, and not replaced by none", () => {
		const echo = new TimestampEcho();
		echo.save(100, false, 0);
		echo.save(110, false, 5);
		echo.save(NO_TIMESTAMP, false, 6);
		assert.equal(echo.take(6), 111);
	});

	test("loses 500 ms by a congestion mark", () => {
		const echo = new TimestampEcho();
		echo.save(100, true, 0);
		assert.equal(echo.take(0), 65_536 - 400);
	});
});
