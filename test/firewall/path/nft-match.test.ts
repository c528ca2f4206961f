import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { UNKNOWN_BITS } from "../../../src/firewall/path/marks.js";
import { holds, isElement, keyOf, type Lookup } from "../../../src/firewall/path/nft-match.js";
import type { Packet } from "../../../src/firewall/path/packet.js";
import { Stranger } from "../../../src/firewall/path/stranger.js";
import { ct, DPORT, meta, NO_SETS, packet, packet6, RANGE, SADDR } from "./samples.js";

function truth(left: object, right: unknown, of: Packet = packet(), op = "==") {
	return holds({ op, left, right }, of, NO_SETS);
}

const dns = { set: [53, { range: [60_000, 60_400] }] };

describe("ports", () => {
	test("one, a set, a range, a comparison, a mask", () => {
		assert.equal(truth(DPORT, 60_001), true);
		assert.equal(truth(DPORT, 60_002), false);
		assert.equal(truth(DPORT, dns), true);
		assert.equal(truth(DPORT, { range: [1, 1023] }), false);
		assert.equal(truth(DPORT, dns, packet(), "!="), false);
		assert.deepEqual(
			["<", "<=", ">", ">="].map((op) => truth(DPORT, 60_001, packet(), op)),
			[false, true, false, true],
		);
		assert.equal(truth({ "&": [DPORT, 1] }, 1), true);
		assert.equal(truth({ payload: { base: "th", offset: 16, len: 16 } }, 60_001), true);
	});

	test("of a range of ports, what splits it is not certain, and names something", () => {
		assert.equal(truth(DPORT, dns, packet({ localPorts: RANGE })), "specific");
		assert.equal(truth(DPORT, 53, packet({ localPorts: RANGE })), false);
		assert.equal(truth({ "&": [DPORT, 1] }, 1, packet({ localPorts: RANGE })), "specific");
	});
});

describe("addresses", () => {
	test("of nobody in particular are outside of what rules name, also where the rule says not", () => {
		assert.equal(truth(SADDR, { prefix: { addr: "10.0.0.0", len: 8 } }), false);
		assert.equal(truth(SADDR, "10.77.0.2", packet(), "!="), true);
		assert.equal(truth(SADDR, "10.77.0.2", packet({ remote: "10.77.0.2" })), true);
		assert.equal(
			truth({ "&": [SADDR, "255.255.0.255"] }, "10.0.0.1", packet({ remote: "10.77.0.1" })),
			"specific",
		);
	});

	test("of the other family are not there: neither equal nor different", () => {
		assert.equal(truth(SADDR, "10.77.0.2", packet6()), false);
		assert.equal(truth(SADDR, "10.77.0.2", packet6(), "!="), false);
		assert.equal(truth({ payload: { protocol: "tcp", field: "dport" } }, 22, packet(), "!="), false);
	});
});

test("a session's datagrams are whole: no fragment, and without extension headers", () => {
	const offset = { payload: { protocol: "ip", field: "frag-off" } };
	assert.equal(truth({ "&": [offset, 0x1fff] }, 0, packet(), "!="), false);
	assert.equal(truth({ "&": [offset, 0x3fff] }, 0), true);
	// Whether it may be fragmented is another bit.
	assert.equal(truth({ "&": [offset, 0x4000] }, 0), "general");
	assert.equal(truth({ "&": [offset, 0x1fff] }, 0, packet6(), "!="), false);
	assert.equal(truth({ exthdr: { name: "frag" } }, true, packet6()), false);
	assert.equal(truth({ exthdr: { name: "frag" } }, false, packet6()), true);
	assert.equal(truth({ exthdr: { name: "frag", field: "more-fragments" } }, 1, packet6()), false);
});

test("the interface of the other direction has no name", () => {
	assert.equal(truth(meta("iifname"), "eth*"), true);
	assert.equal(truth(meta("oifname"), "eth0", packet(), "!="), true);
	assert.equal(truth(meta("oifname"), "eth0"), false);
});

test("connection tracking's words, one or several, and what is not there before it has looked", () => {
	assert.equal(truth(ct("state"), ["established", "new"], packet(), "in"), true);
	assert.equal(truth(ct("state"), "new", packet(), "!="), false);
	assert.equal(truth(ct("state"), "invalid", packet({ state: "invalid" })), true);
	assert.equal(truth(ct("direction"), "original"), true);
	assert.equal(truth(ct("direction"), "reply", packet({ direction: "out", state: "established" })), true);
	assert.equal(truth(ct("mark"), 1, packet({ state: "untracked" }), "!="), false);
	assert.equal(truth(ct("status"), "dnat", packet(), "in"), false);
});

test("what says nothing of the datagram depends, generally; what is the sender's, specifically", () => {
	assert.equal(truth(meta("priority"), 1), "general");
	assert.equal(truth({ numgen: { mode: "random", mod: 2, offset: 0 } }, 0), "general");
	assert.equal(truth({ payload: { protocol: "ether", field: "saddr" } }, "00:11:22:33:44:55"), "specific");
	assert.equal(truth({ "some new thing": { a: 1 } }, 1), "general");
});

test("a mark is none before a rule sets one, and what is not known of it depends", () => {
	assert.equal(truth(meta("mark"), 1), false);
	assert.equal(truth(meta("mark"), 0), true);
	const half = packet({ marks: { packet: { value: 0x40, known: 0xf0 }, connection: UNKNOWN_BITS } });
	assert.equal(truth({ "&": [meta("mark"), 0x40] }, 0x40, half), true);
	assert.equal(truth({ "&": [meta("mark"), 0x80] }, 0, half, "!="), false);
	assert.equal(truth(meta("mark"), { set: [1, 0x40] }, half), "general");
	assert.equal(truth(ct("mark"), 1, half), "general");
	assert.equal(truth({ "|": [meta("mark"), 1] }, 0x40, half), false);
});

test("no connection of a session was announced by another, and no datagram of one comes by IPsec", () => {
	assert.equal(truth(ct("helper"), "sip", packet(), "!="), false);
	assert.equal(truth(meta("ipsec"), true), false);
	assert.equal(truth(meta("ipsec"), true, packet({ remote: "10.77.0.2" })), "specific");
});

test("routes: the host's own address is local, and the way back is the way in", () => {
	const fib = (result: string, ...flags: string[]) => ({ fib: { result, flags } });
	assert.equal(truth(fib("type", "daddr"), "local"), true);
	assert.equal(truth(fib("type", "daddr"), { set: ["broadcast", "multicast"] }), false);
	assert.equal(truth(fib("oif", "saddr", "iif"), false), false);
	assert.equal(truth(fib("check", "saddr", "iif"), true), true);
});

describe("sets", () => {
	const elements = [
		"10.77.0.2",
		{ prefix: { addr: "192.0.2.0", len: 24 } },
		{ elem: { val: "198.51.100.7", timeout: 60 } },
	];
	const of = (known: readonly unknown[] | undefined, has?: boolean) => ({
		elements: () => known,
		has: () => has,
	});
	const inSet = (remote: string | undefined, known?: readonly unknown[], has?: boolean) =>
		holds({ op: "==", left: SADDR, right: "@s" }, packet({ remote }), of(known, has));

	test("by their elements, where these were read", () => {
		assert.deepEqual(
			["10.77.0.2", "192.0.2.9", "198.51.100.7", "10.77.0.3"].map((remote) => inSet(remote, elements)),
			[true, true, true, false],
		);
	});

	test("have nobody in particular, unread as they may be; of others, one asks", () => {
		assert.equal(inSet(undefined), false);
		assert.equal(inSet("10.77.0.2"), "specific");
		assert.equal(inSet("10.77.0.2", undefined, true), true);
		assert.equal(inSet("10.77.0.2", undefined, false), false);
	});

	test("of several parts hold where each part does", () => {
		const left = { concat: [SADDR, DPORT] };
		const right = {
			set: [{ concat: [{ prefix: { addr: "10.0.0.0", len: 8 } }, { range: [60_000, 60_400] }] }],
		};
		assert.equal(truth(left, right, packet({ remote: "10.1.1.1" })), true);
		assert.equal(truth(left, right, packet({ remote: "11.1.1.1" })), false);
		assert.equal(truth(left, right), false);
	});

	test("of a map, an element is its key; the one for all others is every value", () => {
		assert.deepEqual(keyOf([53, { accept: null }]), 53);
		assert.equal(keyOf(53), 53);
		assert.equal(isElement(DPORT, "*", packet(), NO_SETS), true);
		assert.equal(isElement(SADDR, "*", packet6(), NO_SETS), false);
	});
});

test("a way back that is missing is told from one that exists", () => {
	const back = { fib: { result: "oif", flags: ["saddr", "iif"] } };
	const missing = packet({ remote: "203.0.113.5", back: "" });
	assert.deepEqual([truth(back, true), truth(back, false)], [true, false]);
	assert.deepEqual([truth(back, true, missing), truth(back, false, missing)], [false, true]);
});

describe("a named set", () => {
	const pair = { concat: [SADDR, DPORT] };
	const lookup = (more: Partial<Lookup>): Lookup => ({ ...NO_SETS, nameOf: (set) => set, ...more });
	const isIn = (left: object, of: Packet, more: Partial<Lookup>) =>
		holds({ op: "==", left, right: "@s" }, of, lookup(more));
	const asked = (set: Partial<Lookup>, left: object = SADDR, changes: Partial<Packet> = {}) => {
		const remote = new Stranger("ipv4");
		return { found: isIn(left, packet({ remote, ...changes }), set), remote };
	};

	test("of ranges may have everybody: a stranger keeps account of it", () => {
		const of = (has: boolean) => ({ hasRanges: () => true, get: () => has });
		for (const has of [true, false]) {
			const { found, remote } = asked(of(has));
			assert.equal(found, false);
			assert.deepEqual(
				remote.sets.map((set) => set.has("203.0.113.5")),
				[has],
			);
		}
		assert.deepEqual(asked({ hasRanges: () => false }).remote.sets, []);
	});

	test("of ranges that have been read is what they are", () => {
		const known = () => [{ prefix: { addr: "0.0.0.0", len: 1 } }, { prefix: { addr: "128.0.0.0", len: 1 } }];
		const { found, remote } = asked({ hasRanges: () => true, known });
		assert.deepEqual([found, remote.sets, remote.unnamed(1)], [false, [], []]);
	});

	test("is not asked for each of many ports", () => {
		const set = { hasRanges: () => true, get: () => true };
		const { found, remote } = asked(set, pair, { localPorts: RANGE });
		assert.deepEqual([found, remote.sets], ["specific", []]);
		assert.equal(asked(set, SADDR, { localPorts: RANGE }).found, false);
	});

	test("whose elements count by a rate of their own depends", () => {
		const known = packet({ remote: "192.0.2.1" });
		const get = () => true as const;
		assert.equal(isIn(SADDR, known, { get }), true);
		assert.equal(isIn(SADDR, known, { get, depends: () => true }), "general");
		assert.equal(isIn(SADDR, known, { get: () => false, depends: () => true }), false);
		const limited = { elem: { val: 60_001, limit: { rate: 1 } } };
		assert.deepEqual(
			[truth(DPORT, { set: [limited] }), truth(DPORT, { set: [{ elem: { val: 60_001 } }] })],
			["general", true],
		);
	});

	test("that the kernel is being asked about is not known yet", () => {
		const known = packet({ remote: "192.0.2.1" });
		assert.equal(isIn(SADDR, known, { get: () => "asked", elements: () => assert.fail("read") }), "specific");
	});
});
