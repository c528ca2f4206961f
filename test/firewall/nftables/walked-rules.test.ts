/** What rules of nftables do with a datagram for certain, by the listing that openings are placed in. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Opening } from "../../../src/firewall/firewall.js";
import { onlyLogs } from "../../../src/firewall/nftables/insertion-point.js";
import type { NftSet } from "../../../src/firewall/nftables/ruleset.js";
import { droppingTable, match, portElement, rule } from "../../support/nft-tables.js";
import { v4 } from "../conformance.js";
import { effectFor } from "./walked.js";

const accept = { accept: null };
const set: NftSet = { name: "s", type: ["inet_service"], flags: [], elements: [portElement(60001)] };
const table = droppingTable([], { sets: new Map([["s", set]]) });
const outcomeOf = (one: ReturnType<typeof rule>, opening?: Opening) => effectFor(one, table, opening);
const outcome = (...statements: object[]) => outcomeOf(rule(1, ...statements), v4(60001))?.do;

describe("a rule decides for the datagram", () => {
	for (const [name, condition] of [
		["by its port", match("udp.dport", 60001)],
		["by its port in any transport", match("th.dport", 60001)],
		["by a set in place", match("udp.dport", { set: [53, { range: [60000, 60010] }] })],
		["by a named set", match("udp.dport", "@s")],
		["by its address", match("ip.daddr", "10.77.0.1")],
		["by its protocol", match("meta.l4proto", "udp")],
		["by its family", match("meta.nfproto", "ipv4")],
		["by the state of its flow", match("ct.state", ["new", "untracked"], "in")],
	] as const) {
		test(name, () => assert.equal(outcome(condition, accept), "accept"));
	}
});

describe("a rule does not decide where its condition is not certain", () => {
	for (const [name, condition] of [
		["another port", match("udp.dport", 60002)],
		["a port excluded", match("udp.dport", 60001, "!=")],
		["the port of another protocol", match("tcp.dport", 60001)],
		["the source port", match("udp.sport", 60001)],
		["a set that is not there", match("udp.dport", "@gone")],
		["an interface", match("meta.iifname", "eth0")],
		["a source", match("ip.saddr", "192.0.2.1")],
		["a rate", { limit: { rate: 3, per: "minute" } }],
		["a map of verdicts", { vmap: {} }],
	] as const) {
		test(name, () => assert.equal(outcome(condition, accept), undefined));
	}

	test("its address, when the socket is bound to every one", () => {
		const byAddress = rule(1, match("ip.daddr", "10.77.0.1"), accept);
		assert.equal(outcomeOf(byAddress, v4(60001, "0.0.0.0")), undefined);
	});

	test("its port, when no opening is given", () => {
		assert.equal(outcomeOf(rule(1, match("udp.dport", 60001), accept)), undefined);
		assert.deepEqual(outcomeOf(rule(1, match("meta.l4proto", "udp"), { drop: null })), { do: "drop" });
	});
});

test("verdicts, and statements that decide nothing", () => {
	assert.equal(outcome({ counter: {} }, { log: {} }, { reject: {} }), "drop");
	assert.equal(outcome({ return: null }), "return");
	assert.deepEqual(outcomeOf(rule(1, { goto: { target: "tail" } })), { do: "goto", target: "tail" });
	assert.equal(outcome({ counter: {} }), undefined);
});

test("a rule that only logs", () => {
	assert.equal(onlyLogs(rule(1, { limit: {} }, { log: {} })), true);
	assert.equal(onlyLogs(rule(1, { limit: {} })), false);
	assert.equal(onlyLogs(rule(1, { log: {} }, { drop: null })), false);
});
