/** How sessions come, are identified, are lost and go, scan by scan. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Opening } from "../../../src/firewall/firewall.js";
import { isIdentity } from "../../../src/guard/sessions/identity.js";
import { type ScanRequest, SessionTracker } from "../../../src/guard/sessions/tracker.js";
import { FakeHost, HOME, NODE, SCRIPT } from "../../support/fake-host.js";
import { SETTINGS } from "../../support/memory-guard.js";

function setUp() {
	const host = new FakeHost();
	const tracker = new SessionTracker(host, HOME);
	const reports = new Map<number, number>();
	let table: ScanRequest["table"] = [];
	const request = (over: Partial<ScanRequest> = {}): ScanRequest => {
		// The same array as long as the sockets are the same, as the kernel's table has it.
		if (host.sockets.length !== table.length || host.sockets.some((socket, i) => socket !== table[i])) {
			table = [...host.sockets];
		}
		return {
			table,
			trust: SETTINGS.trust,
			now: 0,
			reporters: ({ port }: Opening) => [reports.get(port) ?? []].flat(),
			claimants: [],
			expectedReport: () => false,
			reportsVersion: reports.size,
			recheckHolders: false,
			...over,
		};
	};
	const scan = (over: Partial<ScanRequest> = {}) => tracker.scan(request(over));
	const holderOf = (port: number) => {
		const holder = tracker.sessions.find(({ socket }) => socket.port === port)?.holder;
		return holder === undefined ? undefined : isIdentity(holder) ? holder.pid : holder.code;
	};
	/** A server whose socket is seen before the server is known to hold it. */
	const onNode = () => ({ executable: host.file(NODE) as never, commandLine: ["node", SCRIPT, "new"] });
	return { host, tracker, reports, request, scan, holderOf, onNode };
}

describe("sockets that come and go", () => {
	test("a new one is a session with its holder; the time it was first seen stays", () => {
		const { host, tracker, scan, holderOf } = setUp();
		const { pid } = host.serve(60001);
		assert.equal(scan({ now: 5 }).changed, true);
		assert.equal(holderOf(60001), pid);
		host.serve(60002);
		scan({ now: 9 });
		assert.deepEqual(
			tracker.sessions.map(({ firstSeen }) => firstSeen),
			[5, 9],
		);
		assert.ok(tracker.knows(60001) && !tracker.knows(60003));
	});

	test("one that is gone is no session any more; its port bound anew is another one", () => {
		const { host, tracker, scan } = setUp();
		const { pid } = host.serve(60001);
		scan();
		const [first] = tracker.sessions;
		(first as { closedByAdmin: boolean }).closedByAdmin = true;
		host.kill(pid);
		host.serve(60001);
		assert.equal(scan().changed, true);
		assert.equal(tracker.sessions.length, 1);
		assert.equal(tracker.sessions[0]?.closedByAdmin, false);
		host.sockets = [];
		assert.equal(scan().changed, true);
		assert.deepEqual(tracker.sessions, []);
	});
});

describe("what a scan costs", () => {
	test("nothing where neither a socket nor a report has changed", () => {
		const { host, scan } = setUp();
		host.serve(60001);
		scan();
		scan();
		host.descriptorReads = 0;
		assert.deepEqual(scan(), { changed: false, gone: [], unconfirmed: false });
		assert.equal(host.descriptorReads, 0);
	});

	test("a holder that is not found is sought a few times, then only when all are rechecked", () => {
		const { host, scan, holderOf } = setUp();
		const { socket, pid } = host.serve(60001);
		host.processes.delete(pid);
		for (let i = 0; i < 6; i++) {
			scan();
		}
		assert.equal(holderOf(60001), "no-holder");
		const late = host.spawn(1000, { sockets: [socket.inode] });
		scan();
		assert.equal(holderOf(60001), "no-holder");
		assert.equal(scan({ recheckHolders: true }).changed, true);
		assert.equal(holderOf(60001), late);
	});
});

describe("a server that was identified", () => {
	test("is looked at where it had its socket, and searched only where it has it there no longer", () => {
		const { host, scan, holderOf } = setUp();
		const { pid, socket } = host.serve(60001);
		const other = host.serve(60002);
		scan();
		host.descriptorReads = 0;
		assert.equal(scan({ recheckHolders: true }).changed, false);
		assert.equal(host.descriptorReads, 0);
		host.processes.get(pid)?.sockets.splice(0, 1, 1, socket.inode);
		assert.equal(scan({ recheckHolders: true }).changed, false);
		assert.equal(host.descriptorReads, 1);
		assert.equal(scan({ recheckHolders: true }).changed, false);
		assert.equal(host.descriptorReads, 1);
		// Its place has another socket now.
		host.processes.get(pid)?.sockets.splice(1, 1, 2);
		scan({ recheckHolders: true });
		scan();
		assert.deepEqual([holderOf(60001), holderOf(60002)], ["no-holder", other.pid]);
	});

	test("is judged by what it runs now, as which user, in which namespaces and groups", () => {
		const { host, tracker, scan, holderOf } = setUp();
		const { pid } = host.serve(60001);
		scan();
		const server = host.processes.get(pid);
		const facts = server?.facts;
		assert.ok(server !== undefined && facts !== undefined);
		const recheck = () => {
			scan({ recheckHolders: true });
			scan();
			return holderOf(60001);
		};
		for (const [over, found] of [
			[{ savedUid: 0 }, "wrong-user"],
			[{ userNamespace: "user:[3]" }, "foreign-namespace"],
			[{ executable: host.file("/usr/bin/bash") as never }, "no-holder"],
			[{ executable: { ...facts.executable, inode: 1n } }, "executable-replaced"],
		] as const) {
			server.facts = { ...facts, ...over };
			assert.equal(recheck(), found);
			server.facts = facts;
			assert.equal(recheck(), pid);
		}
		server.facts = { ...facts, groups: [1000, 27] };
		assert.equal(scan({ recheckHolders: true }).changed, true);
		const [session] = tracker.sessions;
		assert.deepEqual(session && isIdentity(session.holder) && session.holder.groups, [1000, 27]);
	});

	test("is searched with whoever else reports its socket, or is about to", () => {
		for (const isReported of [true, false]) {
			const { host, reports, scan, holderOf } = setUp();
			const { socket } = host.serve(60001);
			scan();
			const other = host.spawn(1000, { sockets: [socket.inode] });
			if (isReported) {
				reports.set(60001, other);
			}
			const claimants = isReported ? [] : [{ pid: other, uid: 1000, opening: socket }];
			scan({ recheckHolders: true, claimants });
			scan({ claimants });
			assert.equal(holderOf(60001), "many-holders");
		}
	});

	test("that may no longer be inspected is lost like one that has ended", () => {
		const { host, scan, holderOf } = setUp();
		const { pid } = host.serve(60001);
		scan();
		host.hidden.add(pid);
		scan({ recheckHolders: true });
		scan();
		assert.equal(holderOf(60001), "holder-unreadable");
	});

	test("is lost only when two searches in a row have missed it", () => {
		const { host, scan, holderOf } = setUp();
		const { pid } = host.serve(60001);
		scan();
		const server = host.processes.get(pid) as never;
		host.processes.delete(pid);
		assert.deepEqual(scan({ recheckHolders: true }), { changed: false, gone: [], unconfirmed: true });
		assert.equal(holderOf(60001), pid);
		host.processes.set(pid, server);
		// The next scan looks again although nothing has changed.
		assert.equal(scan().unconfirmed, false);
		host.processes.delete(pid);
		scan({ recheckHolders: true });
		assert.equal(holderOf(60001), pid);
		assert.deepEqual(scan(), { changed: true, gone: [], unconfirmed: false });
		assert.equal(holderOf(60001), "no-holder");
	});

	test("is followed to its child; of a parent, its child and the child's own, the youngest holds the socket", () => {
		const { host, scan, holderOf } = setUp();
		const { pid, socket } = host.serve(60001);
		const child = host.spawn(1000, { parent: pid, sockets: [socket.inode] });
		const shell = host.spawn(1000, { parent: child, sockets: [socket.inode] });
		scan();
		assert.equal(holderOf(60001), shell);
		for (const gone of [pid, shell]) {
			host.processes.delete(gone);
		}
		scan();
		assert.equal(holderOf(60001), child);
	});

	test("shares its socket with a process that is no relative: refused", () => {
		const { host, scan, holderOf } = setUp();
		const { socket } = host.serve(60001);
		host.spawn(1000, { sockets: [socket.inode] });
		scan();
		assert.equal(holderOf(60001), "many-holders");
	});

	test("cannot be inspected: the user's sockets say so, others do not", () => {
		const { host, scan, holderOf } = setUp();
		const { pid } = host.serve(60001, { uid: 1000 });
		const other = host.serve(60002, { uid: 1001 });
		host.processes.delete(other.pid);
		host.hidden.add(pid);
		scan();
		assert.equal(holderOf(60001), "holder-unreadable");
		assert.equal(holderOf(60002), "no-holder");
	});
});

describe("a script", () => {
	test("is accepted while its holder's report lasts", () => {
		const { host, scan, holderOf, reports, onNode } = setUp();
		const { pid } = host.serve(60001, onNode());
		scan();
		assert.equal(holderOf(60001), "needs-report");
		reports.set(60001, pid + 1);
		scan();
		assert.equal(holderOf(60001), "needs-report");
		reports.set(60001, pid);
		assert.equal(scan({ reportsVersion: 7 }).changed, true);
		assert.equal(holderOf(60001), pid);
		reports.clear();
		scan();
		scan();
		assert.equal(holderOf(60001), "needs-report");
	});

	test("is accepted by its report under way, if that is of its user, its process and its socket", () => {
		const { host, scan, holderOf, onNode } = setUp();
		const { pid, socket } = host.serve(60001, onNode());
		const claim = { pid, uid: 1000, opening: socket };
		for (const over of [{ pid: pid + 1 }, { uid: 1001 }, { opening: { ...socket, address: "192.0.2.2" } }]) {
			scan({ claimants: [{ ...claim, ...over }], recheckHolders: true });
			assert.equal(holderOf(60001), "needs-report");
		}
		scan({ claimants: [claim], recheckHolders: true });
		assert.equal(holderOf(60001), pid);
		// It has come to nothing.
		scan();
		scan();
		assert.equal(holderOf(60001), "needs-report");
		scan({ claimants: [{ ...claim, uid: undefined }], recheckHolders: true });
		assert.equal(holderOf(60001), pid);
	});

	test("is accepted while its report is expected", () => {
		const { host, scan, holderOf, onNode } = setUp();
		const { pid } = host.serve(60001, onNode());
		scan({ expectedReport: ({ port }) => port === 60001 });
		assert.equal(holderOf(60001), pid);
	});
});

test("a process that a report under way names is inspected first, and no other where it is the holder", () => {
	const { host, tracker, scan, holderOf } = setUp();
	for (let i = 0; i < 20; i++) {
		host.spawn(1000);
	}
	const { pid, socket } = host.serve(60001);
	host.descriptorReads = 0;
	scan({ claimants: [{ pid, uid: 1000, opening: socket }] });
	assert.equal(holderOf(60001), pid);
	assert.equal(host.descriptorReads, 1);
	assert.ok(tracker.isHeldBy(socket, pid));
	assert.ok(!tracker.isHeldBy(socket, pid + 1));
});

test("what a copy scans changes nothing in the original, which later finds the same", () => {
	const { host, tracker, request, scan, holderOf } = setUp();
	const { pid } = host.serve(60001);
	scan();
	host.kill(pid);
	const added = host.serve(60002);
	const copy = tracker.copy();
	const { changed } = copy.scan(request());
	copy.scan(request());
	assert.equal(changed, true);
	assert.deepEqual(
		copy.sessions.map(({ socket }) => socket.port),
		[60002],
	);
	assert.equal(holderOf(60001), pid);
	assert.ok(!tracker.knows(60002));
	const { changed: changedHere, gone } = scan();
	assert.equal(changedHere, true);
	assert.deepEqual(
		gone.map(({ port }) => port),
		[60001],
	);
	assert.equal(holderOf(60002), added.pid);
});

test("processes that cannot be listed keep what was known", () => {
	const { host, scan, holderOf } = setUp();
	const { pid } = host.serve(60001);
	scan();
	host.lists = true;
	host.pids = () => {
		throw new Error("no /proc");
	};
	host.serve(60002);
	assert.throws(() => scan(), /no \/proc/);
	assert.equal(holderOf(60001), pid);
});
