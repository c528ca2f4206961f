import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type Neighbour, sharedInodes, takesFrom } from "../../../src/guard/sessions/overlap.js";

const VICTIM = 1000;
const MALLORY = 1001;
let inodes = 0;

function socket(address: string, uid = VICTIM, over: Partial<Neighbour> = {}): Neighbour {
	const family = address.includes(":") ? "ipv6" : "ipv4";
	return { family, address, port: 60001, uid, inode: ++inodes, ...over };
}

/** Of `session` beside `other`: does either take from the other? */
function shared(session: Neighbour, other: Neighbour): string {
	const found = sharedInodes([session, other, socket("192.0.2.7", VICTIM, { port: 60002 })]);
	return [found.has(session.inode) ? "session" : "", found.has(other.inode) ? "other" : ""].join("").trim();
}

describe("sockets that overlap as only SO_REUSEADDR of both makes possible", () => {
	for (const uid of [VICTIM, MALLORY]) {
		const whose = uid === VICTIM ? "the same user's" : "another's";
		test(`a more specific one takes from the wildcard: ${whose}`, () => {
			assert.equal(shared(socket("0.0.0.0"), socket("10.77.0.1", uid)), "session");
			assert.equal(shared(socket("::"), socket("fd77::1", uid)), "session");
		});
		test(`two on one address: ${whose}`, () => {
			assert.equal(shared(socket("10.77.0.1"), socket("10.77.0.1", uid)), "sessionother");
			assert.equal(shared(socket("0.0.0.0"), socket("0.0.0.0", uid)), "sessionother");
			assert.equal(shared(socket("::"), socket("::", uid)), "sessionother");
		});
	}
	test("`::` that is bound to a device goes before 0.0.0.0", () => {
		assert.equal(shared(socket("0.0.0.0"), socket("::")), "session");
		assert.equal(shared(socket("0.0.0.0"), socket("::", MALLORY, { ipv6Only: false })), "session");
	});
	test("a connected one of the same user takes what its peer sends", () => {
		const connected = { connected: true };
		for (const address of ["0.0.0.0", "10.77.0.1", "::"]) {
			assert.ok(takesFrom(socket("10.77.0.1", VICTIM, connected), socket(address)), address);
		}
	});
});

describe("no other user shuts a session's port by a socket that the kernel lets him have beside it", () => {
	for (const [what, session, other] of [
		["another address", socket("10.77.0.1"), socket("10.77.0.2", MALLORY)],
		["a wildcard over a specific address", socket("10.77.0.1"), socket("0.0.0.0", MALLORY)],
		["`::` over a specific IPv4 address", socket("10.77.0.1"), socket("::", MALLORY, { ipv6Only: false })],
		["`::` over a specific IPv6 address", socket("fd77::1"), socket("::", MALLORY)],
		["`::` beside 0.0.0.0, of which V6ONLY is not known", socket("0.0.0.0"), socket("::", MALLORY)],
		["`::` with V6ONLY beside 0.0.0.0", socket("0.0.0.0"), socket("::", MALLORY, { ipv6Only: true })],
		["a specific IPv6 address beside 0.0.0.0", socket("0.0.0.0"), socket("fd77::1", MALLORY)],
		["the same link-local address elsewhere", socket("fe80::77"), socket("fe80::77", MALLORY)],
		[
			"a connected one on its very address",
			socket("10.77.0.1"),
			socket("10.77.0.1", MALLORY, { connected: true }),
		],
		[
			"the same address on another device",
			socket("0.0.0.0", VICTIM, { device: "eth0" }),
			socket("0.0.0.0", MALLORY, { device: "lo" }),
		],
	] as const) {
		test(what, () => assert.ok(!takesFrom(other, session)));
	}

	test("nor the guard, by thousands of sockets on one port", () => {
		const many = Array.from({ length: 20_000 }, (_, i) => [
			socket(`127.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, MALLORY),
			socket("::", MALLORY),
		]).flat();
		const before = process.cpuUsage();
		assert.equal(sharedInodes(many).size, many.length / 2);
		// Of its own time: what else the machine has to do does not count.
		const { user, system } = process.cpuUsage(before);
		assert.ok(user + system < 1e6, `${user + system} µs`);
	});

	test("nor does the user's own honest second session", () => {
		assert.equal(shared(socket("10.77.0.1"), socket("10.77.0.2")), "");
		assert.equal(shared(socket("10.77.0.1"), socket("fd77::1")), "");
	});
});
