import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseListing } from "../../../src/firewall/path/nft-listing.js";
import { parsePlain } from "../../../src/firewall/path/nft-plain.js";
import { nftBaseChains } from "../../../src/firewall/path/nft-rules.js";
import { ANY_ADDRESS, answerTo } from "../../../src/firewall/path/packet.js";
import { walk } from "../../../src/firewall/path/walk.js";
import {
	chain,
	ct,
	DPORT,
	INPUT,
	listed,
	match,
	meta,
	NO_SETS,
	packet,
	packet6,
	rule,
	SADDR,
} from "./samples.js";

function verdict(...rules: object[]) {
	return walk(listed(chain("input", INPUT), chain("a"), ...rules), packet()).verdict;
}

const ACCEPT = { accept: null };

test("what is behind a verdict, and what only counts or logs, changes nothing", () => {
	assert.equal(
		verdict(rule("input", { counter: { packets: 1, bytes: 2 } }, { log: null }, ACCEPT)),
		"accept",
	);
	assert.equal(verdict(rule("input", { counter: null })), "drop");
	assert.equal(verdict(rule("input", { mangle: { key: meta("mark"), value: 1 } }, ACCEPT)), "accept");
});

test("rates, quotas and counts of connections may hold or not", () => {
	for (const narrowing of [
		{ limit: { rate: 5, per: "second" } },
		{ quota: { val: 5 } },
		{ "ct count": { val: 3 } },
	]) {
		assert.equal(verdict(rule("input", narrowing, ACCEPT)), "unknown", JSON.stringify(narrowing));
	}
	const counted = {
		set: { op: "update", elem: SADDR, set: "@dyn", stmt: [{ limit: { rate: 3, per: "minute" } }] },
	};
	assert.equal(verdict(rule("input", counted, ACCEPT)), "unknown");
	assert.equal(verdict(rule("input", { set: { op: "add", elem: SADDR, set: "@dyn" } }, ACCEPT)), "accept");
});

test("a statement that is not understood may end the walk, and one that nft does not show too", () => {
	assert.equal(
		verdict(rule("input", { xt: { type: "target", name: "NEW" } }), rule("input", ACCEPT)),
		"unknown",
	);
	assert.equal(verdict(rule("input", { xt: null }, ACCEPT)), "unknown");
	assert.equal(verdict(rule("input", { xt: { type: "match", name: "comment" } }, ACCEPT)), "accept");
	assert.equal(verdict(rule("input", { "from the future": 1 }, { drop: null })), "drop");
});

describe("maps of verdicts", () => {
	const map = (...set: unknown[]) => ({ vmap: { key: DPORT, data: { set } } });

	test("take the element that holds, and the one for all others only where none does", () => {
		assert.equal(verdict(rule("input", map(["*", { drop: null }], [60_001, ACCEPT]))), "accept");
		assert.equal(verdict(rule("input", map(["*", ACCEPT], [53, { drop: null }]))), "accept");
		assert.equal(verdict(rule("input", map([53, { drop: null }])), rule("input", ACCEPT)), "accept");
	});

	test("jump, and come back", () => {
		const jump = rule("input", map([{ range: [60_000, 61_000] }, { jump: { target: "a" } }]));
		assert.equal(verdict(jump, rule("a", { counter: null }), rule("input", ACCEPT)), "accept");
		assert.equal(verdict(jump, rule("a", { reject: null }), rule("input", ACCEPT)), "reject");
	});

	test("that were not read are not known", () => {
		assert.equal(verdict(rule("input", { vmap: { key: DPORT, data: "@verdicts" } })), "unknown");
	});
});

test("a value looked up in a map ends the rule where the map has none", () => {
	const mark = (port: number) => ({
		mangle: { key: meta("mark"), value: { map: { key: DPORT, data: { set: [[port, 1]] } } } },
	});
	assert.equal(verdict(rule("input", mark(60_001), ACCEPT)), "accept");
	assert.equal(verdict(rule("input", mark(53), ACCEPT)), "drop");
});

test("a reject by a protocol's own message, and a translation to an address, are for its family alone", () => {
	const verdicts = (statement: object, hook: object = { ...INPUT, policy: "accept" }) => {
		const rules = listed(chain("c", hook), rule("c", statement));
		return [walk(rules, packet()).verdict, walk(rules, packet6()).verdict];
	};
	assert.deepEqual(verdicts({ reject: { type: "icmp", expr: "host-unreachable" } }), ["reject", "accept"]);
	assert.deepEqual(verdicts({ reject: { type: "icmpv6", expr: "admin-prohibited" } }), ["accept", "reject"]);
	assert.deepEqual(verdicts({ reject: { type: "icmpx", expr: "admin-prohibited" } }), ["reject", "reject"]);
	assert.deepEqual(verdicts({ reject: { type: "tcp reset" } }), ["accept", "accept"]);
	assert.deepEqual(verdicts({ reject: null }), ["reject", "reject"]);
	const nat = { type: "nat", hook: "prerouting", prio: -100, policy: "accept" };
	assert.deepEqual(verdicts({ dnat: { family: "ip", addr: "10.0.0.9" } }, nat), ["drop", "accept"]);
	assert.deepEqual(verdicts({ dnat: { family: "ip6", addr: "fd00::9" } }, nat), ["accept", "drop"]);
});

test("a rule that writes what the datagram has not is none for it", () => {
	const written = { mangle: { key: { payload: { protocol: "ip", field: "dscp" } }, value: 0 } };
	const rules = listed(chain("input", INPUT), rule("input", written, ACCEPT));
	assert.equal(walk(rules, packet()).verdict, "accept");
	assert.equal(walk(rules, packet6()).verdict, "drop");
});

test("translation of the destination sends it elsewhere, where it translates", () => {
	const nat = { type: "nat", hook: "prerouting", prio: -100, policy: "accept" };
	const open = [chain("input", { ...INPUT, policy: "accept" }), chain("n", nat)];
	const to = (statement: object, ...more: object[]) =>
		walk(listed(...open, rule("n", ...more, statement)), packet());
	assert.equal(to({ dnat: { addr: "10.0.0.9" } }).verdict, "drop");
	assert.equal(to({ dnat: { addr: "10.0.0.9" } }).decisions[0]?.diverted, true);
	assert.equal(to({ dnat: { addr: "10.0.0.9" } }, match(DPORT, 53)).verdict, "accept");
	assert.equal(
		to({ dnat: { addr: { map: { key: DPORT, data: { set: [[53, "10.0.0.9"]] } } } } }).verdict,
		"accept",
	);
	assert.equal(to({ dnat: { addr: "10.77.0.1" } }).verdict, "accept");
	assert.equal(to({ dnat: { port: 60_001 } }).verdict, "accept");
	assert.equal(to({ dnat: { addr: "10.77.0.1", port: 9 } }).verdict, "drop");
	assert.equal(to({ dnat: { addr: "10.77.0.1", port: { range: [60_001, 60_002] } } }).verdict, "drop");
	assert.equal(to({ redirect: { port: 9 } }).verdict, "drop");
	assert.equal(to({ redirect: { port: 60_001 } }).verdict, "unknown");
});

test("translation of the sender: its answer goes there, and one that is new to tracking comes from there", () => {
	const out = (state: "new" | "established", statement: object) => {
		const nat = { type: "nat", hook: "postrouting", prio: 100, policy: "accept" };
		return walk(
			listed(chain("n", nat), rule("n", statement)),
			answerTo(packet(), state === "new" ? "untracked" : "new"),
		);
	};
	assert.equal(out("established", { masquerade: null }).verdict, "accept");
	assert.equal(out("new", { masquerade: null }).verdict, "unknown");
	assert.equal(out("new", { snat: { addr: "10.77.0.9" } }).verdict, "unknown");
	assert.equal(out("new", { snat: { addr: "10.77.0.9" } }).decisions[0]?.diverted, true);
	assert.equal(out("new", { snat: { addr: "10.77.0.1" } }).verdict, "accept");
	const input = chain("n", { type: "nat", hook: "input", prio: 100, policy: "accept" });
	assert.equal(walk(listed(input, rule("n", { snat: { addr: "10.0.0.9" } })), packet()).verdict, "unknown");
});

test("what rewrites more of a datagram than its marks for the network is not followed", () => {
	const write = (key: object, value: unknown = 1) =>
		verdict(rule("input", { mangle: { key, value } }), rule("input", ACCEPT));
	const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
	for (const field of ["dscp", "ecn", "id"]) {
		assert.equal(write(payload("ip", field)), "accept", field);
	}
	for (const [protocol, field] of [
		["ip", "saddr"],
		["ip", "daddr"],
		["udp", "dport"],
		["udp", "sport"],
		["udp", "length"],
		["ip", "protocol"],
	] as const) {
		assert.equal(write(payload(protocol, field)), "unknown", field);
	}
	assert.deepEqual([write(payload("ip", "ttl"), 64), write(payload("ip", "ttl"), 1)], ["accept", "unknown"]);
	assert.deepEqual([write(meta("pkttype"), "host"), write(meta("pkttype"), "other")], ["accept", "unknown"]);
	assert.equal(write({ payload: { base: "th", offset: 32, len: 16 } }), "unknown");
});

describe("a set that a rule puts the sender into", () => {
	const set = (op: string, elem: unknown = SADDR) => ({ set: { op, elem, set: "@seen" } });
	const rules = (...more: object[]) => {
		const nftables = [
			{ table: { family: "inet", name: "t", handle: 1 } },
			{ set: { family: "inet", table: "t", name: "seen", type: "ipv4_addr", handle: 2, flags: ["timeout"] } },
			chain("input", { ...INPUT, policy: "accept" }),
			chain("o", { type: "filter", hook: "output", prio: 0, policy: "accept" }),
			...more,
		];
		const tables = parseListing(JSON.stringify({ nftables }), parsePlain(""));
		const lookup = { ...NO_SETS, nameOf: (name: string) => name };
		return nftBaseChains(tables, { lookupIn: () => lookup, isOurs: () => false });
	};
	const walked = (...more: object[]) => walk(rules(...more), packet()).verdict;
	const DROP = { drop: null };
	const isSeen = rule("input", match(SADDR, "@seen"), DROP);

	test("has it from there on", () => {
		assert.equal(walked(isSeen), "accept");
		assert.equal(walked(rule("input", set("add")), isSeen), "drop");
		assert.equal(walked(rule("input", set("update", { elem: { val: SADDR, timeout: 60 } })), isSeen), "drop");
		assert.equal(walked(rule("input", set("add"), match(SADDR, "@seen"), DROP)), "drop");
		assert.equal(walked(rule("input", match(SADDR, "@seen"), set("add"), DROP)), "accept");
		assert.equal(walked(isSeen, rule("input", set("add"))), "accept");
	});

	test("also where the rest of the rule does not hold, but not where what is before does not", () => {
		assert.equal(walked(rule("input", set("add"), match(DPORT, 53), DROP), isSeen), "drop");
		assert.equal(walked(rule("input", match(DPORT, 53), set("add")), isSeen), "accept");
		assert.equal(walked(rule("input", { limit: { rate: 1, per: "hour" } }, set("add")), isSeen), "unknown");
	});

	test("has it no more once a rule has taken it out", () => {
		assert.equal(walked(rule("input", set("add")), rule("input", set("delete")), isSeen), "accept");
	});

	test("has the key that was put there, in either direction", () => {
		const pair = { concat: [SADDR, DPORT] };
		assert.equal(walked(rule("input", set("add", pair)), isSeen), "accept");
		assert.equal(walked(rule("input", set("add", pair)), rule("input", match(pair, "@seen"), DROP)), "drop");
		const back = rule("o", match({ payload: { protocol: "ip", field: "daddr" } }, "@seen"), DROP);
		const chains = rules(rule("input", set("add")), back);
		const { marks } = walk(chains, packet());
		assert.equal(walk(chains, answerTo(packet(), "new", marks)).verdict, "drop");
	});

	test("is named by a rule, whoever is in it", () => {
		const { decisions } = walk(rules(rule("input", set("add")), isSeen), packet({ remote: ANY_ADDRESS }));
		assert.deepEqual(
			decisions.map(({ condition }) => condition),
			["specific"],
		);
	});

	test("is not filled by what has no such field", () => {
		const of6 = { elem: { val: { payload: { protocol: "ip6", field: "saddr" } }, timeout: 60 } };
		assert.equal(walked(rule("input", set("add", of6), DROP)), "accept");
	});
});

test("a zone of tracking is told where it is for both directions, before tracking looks", () => {
	const rezoned = (prio: number, ct: object) =>
		walk(
			listed(
				chain("raw", { type: "filter", hook: "prerouting", prio, policy: "accept" }),
				rule("raw", { mangle: { key: { ct }, value: 5 } }),
			),
			packet(),
		).rezoned;
	assert.equal(rezoned(-300, { key: "zone" }), true);
	assert.equal(rezoned(-300, { key: "zone", dir: "original" }), false);
	assert.equal(rezoned(-150, { key: "zone" }), false);
	assert.equal(rezoned(-300, { key: "mark" }), false);
});

test("without tracking, the state is another", () => {
	const raw = chain("raw", { type: "filter", hook: "prerouting", prio: -300, policy: "accept" });
	const rules = listed(
		raw,
		chain("input", INPUT),
		rule("raw", { notrack: null }),
		rule("input", match(ct("state"), "new", "in"), ACCEPT),
	);
	const walked = walk(rules, packet());
	assert.equal(walked.verdict, "drop");
	assert.deepEqual(walked.states, ["untracked"]);
});
