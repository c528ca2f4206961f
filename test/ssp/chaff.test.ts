import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { CHAFF_MAX, chaff } from "../../src/ssp/chaff.js";

describe("chaff", () => {
	test("has every length from 0 to 16 about as often, and no bytes twice", () => {
		const lengths = new Array<number>(CHAFF_MAX + 1).fill(0);
		const long = new Set<string>();
		let count = 0;
		for (let times = 0; times < 17_000; times++) {
			const bytes = chaff();
			lengths[bytes.length] = (lengths[bytes.length] ?? 0) + 1;
			if (bytes.length >= 8) {
				long.add(Buffer.from(bytes.subarray(0, 8)).toString("hex"));
				count++;
			}
		}
		assert.equal(long.size, count);
		for (const [length, times] of lengths.entries()) {
			// Nine standard deviations: once in 10^18.
			assert.ok(times > 730 && times < 1270, `length ${length}: ${times} of 1000`);
		}
	});
});
