/** The rules are read for those who ask, once for all who ask at a time, and no oftener than a share of the time allows. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Opening } from "../../src/firewall/firewall.js";
import { type Explanations, Verification } from "../../src/guard/verification.js";

const OPENINGS: readonly Opening[] = [{ family: "ipv4", address: "192.0.2.1", port: 60001 }];

function setUp(tookMs = 100) {
	const clock = { at: 0, now: () => clock.at };
	let reads = 0;
	const explain = async (): Promise<Explanations> => {
		reads += 1;
		clock.at += tookMs;
		return new Map([["key", { verdict: "open", by: "guard", rule: String(reads) }]]);
	};
	return { clock, verification: new Verification(explain, clock), reads: () => reads };
}

describe("the rules of the host", () => {
	test("are read once more for all who ask meanwhile, and anew for root's next question", async () => {
		const { verification, reads } = setUp();
		const ask = async (openings: readonly Opening[]) =>
			(await verification.current(openings, Number.POSITIVE_INFINITY)).get("key")?.rule;
		assert.deepEqual(await Promise.all([ask(OPENINGS), ask([]), ask(OPENINGS)]), ["1", "2", "2"]);
		await verification.current(OPENINGS, Number.POSITIVE_INFINITY);
		assert.equal(reads(), 3);
	});

	test("are not read once more for everybody else who asks meanwhile", async () => {
		const { verification, reads } = setUp();
		await Promise.all([
			verification.recent(OPENINGS, Number.POSITIVE_INFINITY),
			verification.recent(OPENINGS, Number.POSITIVE_INFINITY),
		]);
		assert.equal(reads(), 1);
	});

	test("are read for everybody else no oftener than once in twenty times what it takes", async () => {
		const { verification, reads, clock } = setUp(100);
		await verification.recent(OPENINGS, Number.POSITIVE_INFINITY);
		clock.at += 1999;
		await verification.recent(OPENINGS, Number.POSITIVE_INFINITY);
		assert.equal(reads(), 1);
		clock.at += 2;
		assert.equal((await verification.recent(OPENINGS, Number.POSITIVE_INFINITY)).get("key")?.rule, "2");
	});

	test("are not read while nothing is open, and that is not remembered for long", async () => {
		const { verification, reads, clock } = setUp();
		assert.equal((await verification.current([], Number.POSITIVE_INFINITY)).size, 0);
		assert.equal(reads(), 0);
		clock.at += 1001;
		await verification.recent(OPENINGS, Number.POSITIVE_INFINITY);
		assert.equal(reads(), 1);
	});
});
