/** Which processes the search for holders inspects, and in which order. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { HolderFinder, type HolderSearch } from "../../../src/guard/sessions/holders.js";
import { FakeHost, MOSH, NODE } from "../../support/fake-host.js";

const BASH = "/usr/bin/bash";

function setUp() {
	const host = new FakeHost();
	const finder = new HolderFinder(host);
	const search = (over: Partial<HolderSearch> = {}): HolderSearch => ({
		inodes: new Set(),
		paths: new Set([MOSH]),
		isUnlisted: () => false,
		hints: [],
		busy: new Set(),
		...over,
	});
	/** How many processes a search inspects. */
	const cost = (over: Partial<HolderSearch>) => {
		host.descriptorReads = 0;
		const { byInode } = finder.find(search(over));
		return { byInode, reads: host.descriptorReads };
	};
	return { host, finder, search, cost };
}

describe("the search for holders", () => {
	test("finds every holder, and looks only into programs that are trusted", () => {
		const { host, cost } = setUp();
		const { pid, socket } = host.serve(60001);
		const second = host.spawn(1000, { sockets: [socket.inode] });
		host.spawn(1000, { executable: host.file(BASH) as never, sockets: [socket.inode] });
		host.spawn(1000, { executable: host.file(NODE) as never, sockets: [socket.inode] });
		const { byInode, reads } = cost({ inodes: new Set([socket.inode, 1]) });
		assert.deepEqual([...byInode], [[socket.inode, [pid, second]]]);
		assert.equal(reads, 2);
	});

	test("ends with the process that a hint names, but finishes all hints", () => {
		const { host, cost } = setUp();
		for (let i = 0; i < 10; i++) {
			host.spawn(1000);
		}
		const { pid, socket } = host.serve(60001);
		const second = host.spawn(1000, { sockets: [socket.inode] });
		const inodes = new Set([socket.inode]);
		assert.equal(cost({ inodes, hints: [pid] }).reads, 1);
		assert.deepEqual(cost({ inodes, hints: [pid, second] }).byInode.get(socket.inode), [pid, second]);
	});

	test("inspects new processes before known ones, and known holders last", () => {
		const { host, cost } = setUp();
		const old = host.serve(60001);
		for (let i = 0; i < 10; i++) {
			host.spawn(1000);
		}
		cost({ inodes: new Set([1]) });
		const fresh = host.serve(60002);
		assert.equal(cost({ inodes: new Set([fresh.socket.inode]) }).reads, 1);
		// Ten others and the fresh one are known by now; the holder of the first socket comes after them.
		const { byInode, reads } = cost({ inodes: new Set([old.socket.inode]), busy: new Set([old.pid]) });
		assert.deepEqual(byInode.get(old.socket.inode), [old.pid]);
		assert.equal(reads, 12);
	});

	test("finds a new process by its number, without a list of all, unless that is not known", () => {
		const { host, cost } = setUp();
		for (let i = 0; i < 10; i++) {
			host.spawn(1000);
		}
		cost({ inodes: new Set([1]) });
		host.processLists = 0;
		for (const [lists, expected] of [
			[false, 0],
			[true, 1],
		] as const) {
			host.lists = lists;
			const { pid, socket } = host.serve(60001);
			assert.deepEqual(cost({ inodes: new Set([socket.inode]) }).byInode.get(socket.inode), [pid]);
			assert.equal(host.processLists, expected);
		}
	});

	test("names the users of processes that may not be inspected, and goes on", () => {
		const { host, finder, search } = setUp();
		const hidden = host.serve(60001, { uid: 1001 });
		const seen = host.serve(60002);
		host.hidden.add(hidden.pid);
		const { byInode, unreadableOf } = finder.find(
			search({ inodes: new Set([hidden.socket.inode, seen.socket.inode]) }),
		);
		assert.deepEqual([...unreadableOf], [1001]);
		assert.deepEqual([...byInode.keys()], [seen.socket.inode]);
	});

	test("does not hide that nothing can be inspected", () => {
		const { host, finder, search } = setUp();
		host.serve(60001);
		host.executablePath = () => {
			throw new Error("EMFILE");
		};
		assert.throws(() => finder.find(search({ inodes: new Set([1]) })), /EMFILE/);
	});

	test("of a copy leaves the original's new processes new", () => {
		const { host, finder, cost, search } = setUp();
		for (let i = 0; i < 10; i++) {
			host.spawn(1000);
		}
		cost({ inodes: new Set([1]) });
		const { socket } = host.serve(60001);
		finder.copy().find(search({ inodes: new Set([socket.inode]) }));
		assert.equal(cost({ inodes: new Set([socket.inode]) }).reads, 1);
	});
});
