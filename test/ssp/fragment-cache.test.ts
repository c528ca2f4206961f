/** Repeated instructions keep their fragments. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { FragmentCache } from "../../src/ssp/fragment-cache.js";
import { SeededRandom } from "../support/random.js";

describe("a repeated instruction", () => {
	const numbers = { oldNumber: 1n, newNumber: 2n, ack: 3n, throwaway: 1n };
	const diff = new SeededRandom(1).bytes(5_000);

	test("keeps its fragments when it is long and nothing changed", () => {
		const cache = new FragmentCache();
		const first = cache.get({ ...numbers, diff }, 472);
		assert.ok(first.length > 1);
		assert.equal(cache.get({ ...numbers, diff: Buffer.from(diff) }, 472), first);
	});

	test("gets a new id whenever anything changed, or it is short", () => {
		const cache = new FragmentCache();
		const ids = [
			cache.get({ ...numbers, diff }, 472),
			cache.get({ ...numbers, diff }, 462),
			cache.get({ ...numbers, ack: 4n, diff }, 462),
			cache.get({ ...numbers, ack: 4n, diff: Buffer.concat([diff, diff]) }, 462),
			cache.get({ ...numbers, diff: diff.subarray(0, 10) }, 462),
			cache.get({ ...numbers, diff: diff.subarray(0, 10) }, 462),
		].map((fragments) => fragments[0]?.id);
		assert.deepEqual(ids, [1n, 2n, 3n, 4n, 5n, 6n]);
	});
});
