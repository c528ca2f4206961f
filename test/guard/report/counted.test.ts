/** What counters tell of sessions whose client was never heard. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	ANSWER_LOST,
	NOTHING_ARRIVED,
	unheardOpenings,
	withCounts,
} from "../../../src/guard/report/counted.js";
import type { PortStatus } from "../../../src/guard/report/status.js";

const PORT: PortStatus = {
	family: "ipv4",
	address: "192.0.2.1",
	port: 60001,
	state: "open",
	uid: 1000,
	ageSeconds: 11,
	reports: true,
};
const noteOf = (over: Partial<PortStatus>, packets?: number) => {
	const port = { ...PORT, ...over };
	const counted = new Map(packets === undefined ? [] : [["ipv4 192.0.2.1 60001", packets]]);
	return withCounts([port], counted)[0]?.note;
};

describe("a session whose client was never heard", () => {
	test("is told where its datagrams end, as far as its rule counts", () => {
		assert.equal(noteOf({}, 0), NOTHING_ARRIVED);
		assert.equal(noteOf({}, 3), ANSWER_LOST);
		assert.equal(noteOf({}), undefined);
		assert.equal(noteOf({ state: "blocked" }, 0), NOTHING_ARRIVED);
	});

	test("is none in its first seconds, once it was heard, or without a port", () => {
		const client = { address: "198.51.100.7", port: 50_000 };
		for (const over of [
			{ ageSeconds: 10 },
			{ client },
			{ state: "refused" },
			{ state: "pending" },
		] as const) {
			assert.equal(noteOf(over, 0), undefined);
			assert.deepEqual(unheardOpenings([{ ...PORT, ...over }]), []);
		}
		assert.equal(unheardOpenings([PORT]).length, 1);
	});

	test("that does not report is known for a minute, after which its server would have ended", () => {
		assert.equal(noteOf({ reports: false }, 0), NOTHING_ARRIVED);
		assert.equal(noteOf({ reports: false }, 3), undefined);
		assert.equal(noteOf({ reports: false, ageSeconds: 61 }, 0), undefined);
	});

	test("may have a port on every address of both families: one that counted is enough", () => {
		const everywhere = { ...PORT, family: "ipv6", address: "::" } as const;
		const counted = new Map([
			["ipv6 :: 60001", 0],
			["ipv4 0.0.0.0 60001", 2],
		]);
		assert.equal(withCounts([everywhere], counted)[0]?.packets, 2);
	});
});
