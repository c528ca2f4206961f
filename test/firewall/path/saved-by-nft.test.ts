/** Tables of iptables in iptables-save's words, made from what nft prints of them. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { savedByNft } from "../../../src/firewall/path/saved-by-nft.js";

const CHAIN = { type: undefined, priority: 0, devices: [] };

/** Of a filter table whose chain INPUT has one rule of this text, with these statements of x_tables. */
function saved(family: "ip" | "ip6", text: string, ...statements: readonly object[]): string | undefined {
	const rule = { text, statements, comment: undefined };
	const chains = [
		{ ...CHAIN, name: "zone", hook: undefined, policy: undefined, rules: [] },
		{ ...CHAIN, name: "INPUT", hook: "input", policy: "drop", rules: [rule] },
	];
	return savedByNft({ family, name: "filter", dormant: false, chains, hasSets: true, maps: new Set() });
}

/** As nft 1.0.6 prints what iptables 1.8.9 was given. */
const SAME: readonly (readonly [plain: string, saved: string])[] = [
	['iifname "lo" counter packets 0 bytes 0 accept', "-i lo -j ACCEPT"],
	['iifname != "eth*" counter packets 1 bytes 2 jump zone', "! -i eth+ -j zone"],
	['oifname "eth0" counter packets 1 bytes 2 goto zone', "-o eth0 -g zone"],
	[
		"ct state related,established counter packets 0 bytes 0 accept",
		"-m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
	],
	["tcp dport 22 counter packets 0 bytes 0 accept", "-p tcp -m tcp --dport 22 -j ACCEPT"],
	["udp dport != 60000-61000 drop", "-p udp -m udp ! --dport 60000:61000 -j DROP"],
	["udp sport 67 udp dport 68 accept", "-p udp -m udp --sport 67 -m udp --dport 68 -j ACCEPT"],
	[
		"meta l4proto udp udp dport { 53, 60000-61000 } return",
		"-p udp -m multiport --dports 53,60000:61000 -j RETURN",
	],
	["ip saddr 203.0.113.9 ip daddr != 10.0.0.0/8 drop", "-s 203.0.113.9/32 ! -d 10.0.0.0/8 -j DROP"],
	["ip saddr 10.0.0.1-10.0.0.9 drop", "-m iprange --src-range 10.0.0.1-10.0.0.9 -j DROP"],
	["ip protocol != tcp drop", "! -p tcp -j DROP"],
	["meta l4proto icmp icmp type echo-request accept", "-p icmp -m icmp --icmp-type echo-request -j ACCEPT"],
	[
		'limit rate 3/minute burst 10 packets counter packets 0 bytes 0 log prefix "[UFW BLOCK] "',
		'-m limit --limit 3/minute --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "',
	],
	["fib daddr type local return", "-m addrtype --dst-type LOCAL -j RETURN"],
	["tcp flags syn / fin,syn,rst,ack drop", "-p tcp -m tcp --tcp-flags FIN,SYN,RST,ACK SYN -j DROP"],
	[
		"counter packets 0 bytes 0 reject with icmp type host-prohibited",
		"-j REJECT --reject-with icmp-host-prohibited",
	],
	["reject", "-j REJECT"],
	["tcp dport 22 xt match recent counter packets 0 bytes 0", "-p tcp -m tcp --dport 22 -m recent …"],
	['udp dport 53 xt match "u32" drop', "-p udp -m udp --dport 53 -m u32 … -j DROP"],
	[
		'udp dport 60001 counter packets 0 bytes 0 accept comment "mosh-portguard"',
		"-p udp -m udp --dport 60001 -m comment --comment mosh-portguard -j ACCEPT",
	],
	['counter packets 0 bytes 0 drop comment "a word or two"', '-m comment --comment "a word or two" -j DROP'],
];

describe("rules", () => {
	for (const [plain, line] of SAME) {
		test(plain, () => {
			assert.equal(
				saved("ip", plain),
				`*filter\n:zone - [0:0]\n:INPUT DROP [0:0]\n-A INPUT ${line}\nCOMMIT\n`,
			);
		});
	}
});

test("addresses of IPv6 are of one host without a length", () => {
	assert.match(saved("ip6", "ip6 daddr fd77::1 udp dport 60001 accept") ?? "", /-d fd77::1\/128 -p udp/);
});

test("with a rule that is not understood, the table is left to iptables", () => {
	const unknown = [
		"udp dport 53 xt target CT",
		"limit rate over 3/minute drop",
		"ct state { new, established } accept",
		"ct mark 0x1 accept",
		"ip saddr { 10.0.0.1, 10.0.0.2 } drop",
		'iif "eth0" drop',
		"udp dport 53 accept drop",
		"meta l4proto tcp udp dport 53 accept",
		"udp dport domain accept",
		"udp length 5 accept",
		"reject with icmpx port-unreachable",
		"queue to 5",
	];
	for (const rule of unknown) {
		assert.equal(saved("ip", rule), undefined, rule);
	}
});

test("what is not shown is a comment, or not understood", () => {
	const rule = "udp dport 53  counter packets 0 bytes 0 accept";
	assert.match(saved("ip", rule, { xt: { type: "match", name: "comment" } }) ?? "", /--dport 53 -j ACCEPT$/m);
	assert.equal(saved("ip", rule, { xt: { type: "match", name: "socket" } }), undefined);
	assert.equal(saved("ip", rule), undefined);
	assert.equal(saved("ip", 'xt match "comment" accept'), saved("ip", "accept"));
});

test("where rules ask sets of nftables, what is not understood keeps its place", () => {
	const asks = { match: { op: "==", left: { payload: {} }, right: "@many" } };
	assert.match(saved("ip", "ip saddr @many drop", asks) ?? "", /^-A INPUT$/m);
	assert.match(saved("ip", "limit rate over 3/minute drop", asks) ?? "", /^-A INPUT$/m);
});
