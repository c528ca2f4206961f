/** The round trip, and what follows from it (protocol §1.4). */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RoundTrip } from "../../src/ssp/rtt.js";

describe("round trip", () => {
	test("follows protocol §1.4", () => {
		const trip = new RoundTrip();
		assert.deepEqual([trip.srtt, trip.rto], [1_000, 1_000]);
		trip.sample(5_000);
		assert.equal(trip.srtt, 1_000);
		trip.sample(100);
		assert.deepEqual([trip.srtt, trip.rto], [100, 300]);
		trip.sample(200);
		// Variation: 3/4 of 50 and 1/4 of 100; then 7/8 of 100 and 1/8 of 200.
		assert.deepEqual([trip.srtt, trip.rto], [112.5, Math.ceil(112.5 + 4 * 62.5)]);
		for (let i = 0; i < 200; i++) {
			trip.sample(0);
		}
		assert.equal(trip.rto, 50);
	});

	test("gives frames half of it, from 20 to 250 ms", () => {
		assert.equal(new RoundTrip().interval, 250);
		for (const [srtt, interval] of [
			[0, 20],
			[39, 20],
			[41, 21],
			[100, 50],
			[499, 250],
			[1_000, 250],
		] as const) {
			const trip = new RoundTrip();
			trip.sample(srtt);
			assert.equal(trip.interval, interval, `${srtt}`);
		}
	});
});
