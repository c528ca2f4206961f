import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { UdpSocket } from "../../../src/guard/kernel/udp-socket.js";
import {
	type AdmissionCandidate,
	judge,
	openingsOf,
	type Policy,
} from "../../../src/guard/sessions/policy.js";
import { SETTINGS } from "../../support/memory-guard.js";

const OPEN: Policy = { ...SETTINGS.policy, perMinute: 30 };

let inode = 1;
function candidate(
	over: Partial<Omit<AdmissionCandidate, "socket"> & UdpSocket & { groups: number[] }> = {},
): AdmissionCandidate {
	const { family = "ipv4", address = "192.0.2.1", port = 60001, uid = 1000, groups = [1000], ...rest } = over;
	const holder = { pid: 1, kind: "executable" as const, path: "/m", uid, groups };
	const socket = { family, address, port, uid, inode: over.inode ?? inode++ };
	return { socket, holder, firstSeen: 0, admitted: false, closedByAdmin: false, ...rest };
}

function codes(
	candidates: AdmissionCandidate[],
	over: Partial<Policy> = {},
	recent = new Map<number, number>(),
) {
	const verdicts = judge(candidates, { ...OPEN, ...over }, recent);
	return candidates.map((candidate) => verdicts.get(candidate)?.code);
}

describe("users and groups", () => {
	test("everybody, when nobody is named", () => assert.deepEqual(codes([candidate()]), [undefined]));
	test("only those named, by user or by group", () => {
		const all = [
			candidate({ uid: 1 }),
			candidate({ uid: 2, groups: [2, 50] }),
			candidate({ uid: 3, groups: [3] }),
		];
		const over = { allowUids: [1], allowGids: [50] };
		assert.deepEqual(codes(all, over), [undefined, undefined, "user-not-allowed"]);
	});
	test("nobody, when the only name allowed is unknown on this host", () => {
		assert.deepEqual(codes([candidate()], { allowUids: [], allowGids: [] }), ["user-not-allowed"]);
	});
	test("a deny wins over an allow", () => {
		const all = [candidate({ uid: 1, groups: [60] }), candidate({ uid: 2, groups: [2] })];
		const over = { allowUids: [1, 2], allowGids: [], denyUids: [2], denyGids: [60] };
		assert.deepEqual(codes(all, over), ["user-not-allowed", "user-not-allowed"]);
	});
});

describe("ports and addresses", () => {
	test("a port outside the range", () => {
		assert.deepEqual(codes([candidate({ port: 60000 }), candidate({ port: 61000 })]), [
			"port-not-allowed",
			"port-not-allowed",
		]);
	});
	test("subnets of both families", () => {
		const all = [
			candidate({ address: "192.0.2.9" }),
			candidate({ address: "198.51.100.1" }),
			candidate({ family: "ipv6", address: "2001:db8::1" }),
			candidate({ family: "ipv6", address: "2001:db9::1" }),
		];
		const over = { allowAddresses: ["192.0.2.0/24", "2001:db8::/32"] };
		assert.deepEqual(codes(all, over), [undefined, "address-not-allowed", undefined, "address-not-allowed"]);
	});
	test("every address, when one of them is denied", () => {
		const all = [candidate({ address: "0.0.0.0" }), candidate({ family: "ipv6", address: "::" })];
		assert.deepEqual(codes(all, { denyAddresses: ["203.0.113.5"] }), [
			"address-not-allowed",
			"address-not-allowed",
		]);
		assert.deepEqual(codes(all, { denyAddresses: ["2001:db8::1"] }), [undefined, "address-not-allowed"]);
	});
	test("every address, when only some are allowed", () => {
		const all = [candidate({ address: "0.0.0.0" }), candidate({ family: "ipv6", address: "::" })];
		assert.deepEqual(codes(all, { allowAddresses: ["10.0.0.0/8", "::/0"] }), [
			"address-not-allowed",
			"address-not-allowed",
		]);
		assert.deepEqual(codes(all, { allowAddresses: ["0.0.0.0/0", "::/0"] }), [undefined, undefined]);
	});
});

describe("limits", () => {
	test("the oldest sessions of a user keep their ports, in whatever order they come", () => {
		const all = [candidate({ firstSeen: 30 }), candidate({ firstSeen: 10 }), candidate({ firstSeen: 20 })];
		assert.deepEqual(codes(all, { perUser: 2 }), ["user-limit", undefined, undefined]);
	});
	test("a port that stands is not lost to an older socket that was refused before", () => {
		const all = [candidate({ firstSeen: 1 }), candidate({ firstSeen: 2, admitted: true })];
		assert.deepEqual(codes(all, { perUser: 1 }), ["user-limit", undefined]);
	});
	test("one user's limit is not another's", () => {
		const all = [candidate({ uid: 1 }), candidate({ uid: 1 }), candidate({ uid: 2 })];
		assert.deepEqual(codes(all, { perUser: 1 }), [undefined, "user-limit", undefined]);
	});
	test("the rate counts new ports, those of this judgement included, never admitted ones", () => {
		const all = [candidate({ admitted: true }), candidate(), candidate()];
		assert.deepEqual(codes(all, { perMinute: 5 }, new Map([[1000, 4]])), [
			undefined,
			undefined,
			"rate-limit",
		]);
		assert.deepEqual(codes([candidate({ admitted: true })], { perMinute: 5 }, new Map([[1000, 9]])), [
			undefined,
		]);
	});
	test("an admin's close holds", () => {
		assert.deepEqual(codes([candidate({ closedByAdmin: true, admitted: true })]), ["closed-by-admin"]);
	});

	test("no mix of sessions exceeds any limit, and none is refused for a limit that is not reached", () => {
		const session = fc.record({
			uid: fc.integer({ min: 1, max: 4 }),
			port: fc.integer({ min: 59990, max: 61010 }),
			firstSeen: fc.nat(100),
			admitted: fc.boolean(),
		});
		const limits = fc.record({
			perUser: fc.integer({ min: 1, max: 6 }),
			total: fc.integer({ min: 1, max: 10 }),
			perMinute: fc.integer({ min: 1, max: 6 }),
		});
		fc.assert(
			fc.property(fc.array(session, { maxLength: 40 }), limits, (sessions, limit) => {
				const all = sessions.map((over) => candidate(over));
				const verdicts = codes(all, limit);
				const allowed = all.filter((_, i) => verdicts[i] === undefined);
				const of = (uid: number) => allowed.filter(({ holder }) => holder.uid === uid);
				assert.ok(allowed.length <= limit.total);
				for (const [i, { holder }] of all.entries()) {
					const mine = of(holder.uid);
					assert.ok(mine.length <= limit.perUser);
					assert.ok(mine.filter(({ admitted }) => !admitted).length <= limit.perMinute);
					if (verdicts[i] === "user-limit") {
						assert.equal(mine.length, limit.perUser);
					}
					if (verdicts[i] === "total-limit") {
						assert.equal(allowed.length, limit.total);
					}
				}
			}),
		);
	});
});

describe("what a socket needs open", () => {
	const socket = (family: "ipv4" | "ipv6", address: string, port = 60001): UdpSocket => {
		return { family, address, port, uid: 1000, inode: inode++ };
	};
	test("its own address, not the whole host", () => {
		assert.deepEqual(openingsOf(socket("ipv4", "192.0.2.1"), []), [
			{ family: "ipv4", address: "192.0.2.1", port: 60001 },
		]);
	});
	test("nothing on loopback", () => {
		assert.deepEqual(openingsOf(socket("ipv4", "127.0.0.1"), []), []);
		assert.deepEqual(openingsOf(socket("ipv6", "::1"), []), []);
	});
	test("both families for a socket on `::`, unless another holds the IPv4 port", () => {
		const dual = socket("ipv6", "::");
		assert.deepEqual(
			openingsOf(dual, [dual]).map(({ address }) => address),
			["::", "0.0.0.0"],
		);
		assert.deepEqual(
			openingsOf(dual, [dual, socket("ipv4", "192.0.2.1")]).map(({ address }) => address),
			["::"],
		);
		assert.equal(openingsOf(dual, [dual, socket("ipv4", "192.0.2.1", 60002)]).length, 2);
	});
});
