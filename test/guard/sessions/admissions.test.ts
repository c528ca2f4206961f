/** Verdicts on sessions: evaluating changes nothing, committing counts. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { Admissions, explainRefusal } from "../../../src/guard/sessions/admissions.js";
import type { Policy } from "../../../src/guard/sessions/policy.js";
import type { Refusal } from "../../../src/guard/sessions/refusals.js";
import type { TrackedSession } from "../../../src/guard/sessions/tracker.js";
import { SETTINGS } from "../../support/memory-guard.js";

let inode = 1;
function session(port: number, over: Partial<TrackedSession> & { uid?: number } = {}): TrackedSession {
	const { uid = 1000, ...rest } = over;
	return {
		socket: { family: "ipv4", address: "192.0.2.1", port, uid, inode: ++inode },
		holder: { pid: port, kind: "executable", path: "/x", uid, groups: [uid] },
		firstSeen: port,
		admitted: false,
		closedByAdmin: false,
		...rest,
	};
}

function setUp(over: Partial<Policy> = {}, otherHolders?: () => Refusal | undefined) {
	const admissions = new Admissions(otherHolders);
	const policy = { ...SETTINGS.policy, ...over };
	const evaluate = (sessions: readonly TrackedSession[], now = 0) =>
		admissions.evaluate({ sessions, table: sessions.map(({ socket }) => socket) }, policy, now);
	const decide = (sessions: readonly TrackedSession[], now = 0) => {
		const evaluation = evaluate(sessions, now);
		const { refused } = admissions.commit(evaluation, now);
		return {
			wanted: evaluation.wanted.map(({ port }) => port),
			refused: refused.map(({ refusal }) => refusal.code),
		};
	};
	return { admissions, evaluate, decide };
}

const noHolder: Refusal = { code: "no-holder" };

describe("an evaluation", () => {
	test("changes nothing until it is committed: neither sessions, nor the rate, nor the answers", () => {
		const { admissions, evaluate, decide } = setUp({ perMinute: 1 });
		const [first, second] = [session(60001), session(60002)];
		for (let i = 0; i < 3; i++) {
			assert.deepEqual(
				evaluate([first]).wanted.map(({ port }) => port),
				[60001],
			);
		}
		assert.equal(first.admitted, false);
		assert.equal(admissions.refusalOf(first.socket)?.code, "not-bound");
		assert.deepEqual(admissions.list(), []);
		assert.deepEqual(decide([first]).wanted, [60001]);
		assert.equal(first.admitted, true);
		assert.equal(admissions.refusalOf(first.socket), undefined);
		assert.deepEqual(decide([first, second]).wanted, [60001]);
	});

	test("refuses sockets that share a port, and those that another process holds too", () => {
		const { decide } = setUp();
		const pair = [session(60001), session(60001)];
		assert.deepEqual(decide([...pair, session(60002)]), {
			wanted: [60002],
			refused: ["many-holders", "many-holders"],
		});
		const held = setUp({}, () => ({ code: "many-holders" }));
		assert.deepEqual(held.decide([session(60003)]), { wanted: [], refused: ["many-holders"] });
	});
});

describe("the rate of a user", () => {
	test("counts sessions when they are admitted, for a minute, and no other user's", () => {
		const { decide } = setUp({ perMinute: 2 });
		const sessions = [session(60001), session(60002), session(60003), session(60004, { uid: 1001 })];
		assert.deepEqual(decide(sessions), { wanted: [60001, 60002, 60004], refused: ["rate-limit"] });
		assert.deepEqual(decide(sessions, 59_999).wanted, [60001, 60002, 60004]);
		assert.deepEqual(decide(sessions, 60_000).wanted, [60001, 60002, 60003, 60004]);
	});

	test("does not count a session again that was admitted before", () => {
		const { decide } = setUp({ perMinute: 1 });
		const one = session(60001);
		for (let now = 0; now < 300_000; now += 1000) {
			assert.deepEqual(decide([one], now).wanted, [60001]);
		}
	});
});

describe("refusals", () => {
	test("are reported when their reason is another than before", () => {
		const { decide, admissions } = setUp();
		const one = session(60001, { holder: { code: "needs-report" } });
		assert.deepEqual(decide([one]).refused, ["needs-report"]);
		assert.deepEqual(decide([one]).refused, []);
		one.holder = { code: "wrong-user" };
		assert.deepEqual(decide([one]).refused, ["wrong-user"]);
		assert.equal(admissions.refusalOf(one.socket)?.code, "wrong-user");
		assert.equal(admissions.list().length, 1);
	});

	test("of sockets that no mosh-server holds are neither reported nor shown", () => {
		const { decide, admissions } = setUp();
		const others = [
			session(60001, { holder: noHolder }),
			session(60002, { holder: { code: "untrusted-executable" } }),
		];
		assert.deepEqual(decide(others), { wanted: [], refused: [] });
		assert.deepEqual(admissions.list(), []);
		assert.equal(admissions.refusalOf(others[0]?.socket as never)?.code, "no-holder");
	});

	test("in words have their detail in brackets", () => {
		assert.match(explainRefusal(noHolder), /^no trusted mosh-server holds the socket$/);
		assert.match(explainRefusal({ ...noHolder, detail: "process 7" }), / \(process 7\)$/);
	});
});
