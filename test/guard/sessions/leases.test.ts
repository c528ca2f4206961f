import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Opening } from "../../../src/firewall/firewall.js";
import { type Lease, Leases } from "../../../src/guard/sessions/leases.js";

const at = (port: number): Opening => ({ family: "ipv4", address: "192.0.2.1", port });

function setUp() {
	const leases = new Leases();
	const ended: string[] = [];
	const lease = (name: string, port: number, pid: number, uid: number | undefined): Lease => ({
		opening: at(port),
		pid,
		uid,
		ended: () => ended.push(name),
	});
	return { leases, ended, lease };
}

const client = { address: "203.0.113.5", port: 5 };

describe("leases", () => {
	test("of its user: a third one for a socket ends the oldest", () => {
		const { leases, ended, lease } = setUp();
		for (const name of ["a", "b", "c"]) {
			assert.ok(leases.add(lease(name, 60001, 7, 1000)));
		}
		assert.deepEqual(ended, ["a"]);
		assert.equal(leases.count, 2);
	});

	test("of anonymous clients: one too many is not kept, and ends no other", () => {
		const { leases, ended, lease } = setUp();
		const kept = Array.from({ length: 12 }, (_, i) => leases.add(lease(String(i), 60001, 7, undefined)));
		assert.equal(kept.filter(Boolean).length, 8);
		assert.ok(leases.add(lease("own", 60001, 7, 1000)));
		assert.deepEqual(ended, []);
	});

	test("what an anonymous client reports of a client is not shown, even of the right process", () => {
		const { leases, lease } = setUp();
		const [anonymous, own] = [lease("anonymous", 60001, 7, undefined), lease("own", 60001, 7, 1000)];
		leases.add(anonymous);
		leases.update(anonymous, { type: "update", client }, 0);
		assert.deepEqual(leases.reporters(at(60001)), [7]);
		assert.equal(leases.of(at(60001), 7), undefined);
		leases.add(own);
		leases.update(own, { type: "update", client, silentMs: 30 }, 100);
		leases.update(own, { type: "update", idleMs: 60 }, 100);
		assert.deepEqual(leases.of(at(60001), 7), {
			client,
			lastHeardAt: 70,
			watchers: 0,
			ending: false,
			lastInputAt: 40,
		});
	});

	test("end with their sockets, and are told so; an end of one's own is not told", () => {
		const { leases, ended, lease } = setUp();
		const [a, b] = [lease("a", 60001, 7, 1000), lease("b", 60002, 8, 1000)];
		leases.add(a);
		leases.add(b);
		const { version } = leases;
		leases.endOf(at(60002));
		assert.deepEqual(ended, ["b"]);
		assert.notEqual(leases.version, version);
		leases.remove(a);
		leases.remove(a);
		assert.equal(leases.count, 0);
		assert.deepEqual(ended, ["b"]);
		assert.deepEqual(leases.reporters(at(60001)), []);
	});
});
