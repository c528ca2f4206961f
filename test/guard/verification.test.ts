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
	test("are read once for all who ask meanwhile, and anew for root's next question", async () => {
		const { verification, reads } = setUp();
		const [one, other] = await Promise.all([verification.current(OPENINGS), verification.current(OPENINGS)]);
		assert.equal(one, other);
		assert.equal(reads(), 1);
		await verification.current(OPENINGS);
		assert.equal(reads(), 2);
	});

	test("are read for everybody else no oftener than once in twenty times what it takes", async () => {
		const { verification, reads, clock } = setUp(100);
		await verification.recent(OPENINGS);
		clock.at += 1999;
		await verification.recent(OPENINGS);
		assert.equal(reads(), 1);
		clock.at += 2;
		assert.equal((await verification.recent(OPENINGS)).get("key")?.rule, "2");
	});

	test("are not read while nothing is open, and that is not remembered for long", async () => {
		const { verification, reads, clock } = setUp();
		assert.equal((await verification.current([])).size, 0);
		assert.equal(reads(), 0);
		clock.at += 1001;
		await verification.recent(OPENINGS);
		assert.equal(reads(), 1);
	});
});
