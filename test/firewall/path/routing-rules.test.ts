/** Which rules of routing may refuse an answer. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { bits, UNKNOWN_BITS } from "../../../src/firewall/path/marks.js";
import { detourOf, refusalOf, rulesIn, strayOf } from "../../../src/firewall/path/routing-rules.js";

const LOCAL = { family: "ipv4", address: "10.77.0.1" } as const;
const PORTS = { first: 60_001, last: 60_001 };

test("each by its words", () => {
	const listing = "0:\tfrom all lookup local\n100:\tfrom 10.77.0.1 ipproto udp prohibit\n";
	assert.deepEqual(rulesIn(listing), ["from all lookup local", "from 10.77.0.1 ipproto udp prohibit"]);
});

test("those before the main table is asked", () => {
	const rules = ["from all lookup local", "from all lookup main", "from all blackhole"];
	assert.equal(refusalOf(rules, LOCAL, PORTS), undefined);
	assert.equal(
		refusalOf(["from all lookup main suppress_prefixlength 0", ...rules.slice(2)], LOCAL, PORTS),
		rules[2],
	);
});

test("by the mark that the answer has", () => {
	const rules = ["from all fwmark 0x9/0xf blackhole", "from all fwmark 0x1 lookup 77"];
	assert.equal(refusalOf(rules, LOCAL, PORTS, bits(0x19)), rules[0]);
	assert.equal(refusalOf(rules, LOCAL, PORTS, UNKNOWN_BITS), rules[0]);
	assert.equal(refusalOf(rules, LOCAL, PORTS, bits(1)), undefined);
	assert.equal(detourOf(rules, LOCAL, PORTS, bits(1)), rules[1]);
	assert.equal(detourOf(rules, LOCAL, PORTS, bits(2)), undefined);
});

test("a table of its own is no detour where it is one that is asked anyway", () => {
	assert.equal(detourOf(["from all lookup main suppress_prefixlength 0"], LOCAL, PORTS, bits(0)), undefined);
	assert.equal(
		detourOf(["not from all fwmark 0xca6c lookup 51820"], LOCAL, PORTS, bits(0)),
		"not from all fwmark 0xca6c lookup 51820",
	);
});

test("what comes before the host's own addresses", () => {
	const way = { ...LOCAL, interface: "eth0" };
	const own = "from all lookup local";
	const stray = (rule: string, mark = bits(0)) => strayOf([rule, own], way, PORTS, mark);
	const met = [
		"from all lookup 77",
		"from all iif eth0 blackhole",
		"from all dport 60000-61000 lookup 77",
		"from all to 10.77.0.0/24 lookup 77",
	];
	assert.deepEqual(
		met.map((rule) => stray(rule)),
		met,
	);
	const spared = [
		"from 192.0.2.1 lookup 77",
		"from all iif eth1 lookup 77",
		"from all dport 53 lookup 77",
		"from all to 10.78.0.0/24 lookup 77",
		"from all fwmark 0x9 lookup 77",
		"from all ipproto tcp lookup 77",
	];
	assert.deepEqual(
		spared.flatMap((rule) => stray(rule) ?? []),
		[],
	);
	assert.equal(stray("from all fwmark 0x9 lookup 77", bits(9)), "from all fwmark 0x9 lookup 77");
	assert.equal(strayOf([own, "from all lookup 77"], way, PORTS, bits(0)), undefined);
});

const MEET = [
	"from all prohibit",
	"from 10.77.0.0/24 blackhole",
	"from 10.77.0.1 ipproto udp sport 60000-61000 unreachable",
	"from all iif lo prohibit",
	"from all uidrange 1000-60000 prohibit",
	"not from all fwmark 0x1 unreachable",
];
const SPARED = [
	"from 10.78.0.0/24 prohibit",
	"from all to 192.0.2.0/24 prohibit",
	"from all fwmark 0x1/0xff unreachable",
	"from all iif eth1 prohibit",
	"from all ipproto tcp prohibit",
	"from all ipproto udp dport 53 prohibit",
	"from all sport 53 prohibit",
	"from all sport 1-1023 prohibit",
];

for (const rule of MEET) {
	test(`an answer may meet: ${rule}`, () => assert.equal(refusalOf([rule], LOCAL, PORTS), rule));
}
for (const rule of SPARED) {
	test(`an answer does not meet: ${rule}`, () => assert.equal(refusalOf([rule], LOCAL, PORTS), undefined));
}
