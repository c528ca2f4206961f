/** Which rules of routing may refuse an answer. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { refusalOf, refusingRules } from "../../../src/firewall/path/routing-rules.js";

const LOCAL = { family: "ipv4", address: "10.77.0.1" } as const;
const PORTS = { first: 60_001, last: 60_001 };

test("those before the main table is asked", () => {
	const rules = [
		"0:\tfrom all lookup local",
		"100:\tfrom 10.77.0.1 ipproto udp prohibit",
		"32765:\tfrom all lookup main suppress_prefixlength 0",
		"32765:\tnot from all fwmark 0x1 unreachable",
		"32766:\tfrom all lookup main",
		"32767:\tfrom all blackhole",
		"",
	].join("\n");
	assert.deepEqual(refusingRules(rules), [
		"from 10.77.0.1 ipproto udp prohibit",
		"not from all fwmark 0x1 unreachable",
	]);
	assert.deepEqual(refusingRules(""), []);
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
