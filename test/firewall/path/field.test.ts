/** What the walk says of rule sets as they are in the field, recorded from the real tools: test/fixtures/firewall/README.md. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { describe as inWords, type Judgement, judge } from "../../../src/firewall/path/judge.js";
import { answerTo, firstDatagram } from "../../../src/firewall/path/packet.js";
import { type HostRules, readRules } from "../../../src/firewall/path/read.js";
import { walk } from "../../../src/firewall/path/walk.js";
import type { Family } from "../../../src/system/addresses.js";
import type { NetlinkQuestions } from "../../../src/system/netlink.js";
import { type HostRecord, RecordedCommands, withNet } from "../../support/recorded-host.js";

const CLIENT = "10.77.0.2";

interface Case {
	readonly host: string;
	readonly verdict: Judgement["verdict"];
	/** Of the first decision, as a person reads it. */
	readonly by?: string;
	readonly from?: string;
	readonly family?: Family;
}

/** Of a new datagram to port 60001 by eth0, from an address that no rule names unless one is given. */
const CASES: readonly Case[] = [
	{ host: "00-base-nft", verdict: "drop", by: "inet filter, chain input: policy drop" },
	{ host: "00-base-nft", family: "ipv6", verdict: "drop", by: "inet filter, chain input: policy drop" },
	{ host: "01-csf", verdict: "drop", by: "iptables filter, chain LOGDROPIN: -A LOGDROPIN -j DROP" },
	{
		host: "01-csf",
		family: "ipv6",
		verdict: "drop",
		by: "ip6tables filter, chain LOGDROPIN: -A LOGDROPIN -j DROP",
	},
	{
		host: "06-nft-iface-chain",
		verdict: "drop",
		by: "inet filter, chain wan: counter packets 0 bytes 0 drop",
	},
	{ host: "07-nft-proto-vmap", verdict: "reject", by: "inet filter, chain udp_in: reject" },
	{ host: "09-nft-two-base", verdict: "drop", by: "inet filter, chain input: policy drop" },
	{ host: "10-nft-dormant", verdict: "drop", by: "iptables filter, chain INPUT: policy drop" },
	{
		host: "11-nft-negated",
		verdict: "drop",
		by: "inet filter, chain input: udp dport != { 53, 123, 5353 } drop",
	},
	{ host: "13-ipt-incompatible", verdict: "drop", by: "ip filter, chain INPUT: policy drop" },
	{ host: "14-nft-nojson", verdict: "drop", by: "iptables filter, chain INPUT: policy drop" },
	{ host: "15-no-ip6tables", verdict: "drop", by: "iptables filter, chain INPUT: policy drop" },
	{ host: "15-no-ip6tables", family: "ipv6", verdict: "accept" },
	{ host: "18-output-drop", verdict: "drop", by: "iptables filter, chain INPUT: policy drop" },
	{
		host: "19-dnat-range",
		verdict: "drop",
		by: "iptables nat, chain PREROUTING: -A PREROUTING -i eth0 -p udp -m udp --dport 60001:60999 -j DNAT --to-destination 172.31.0.2",
	},
	{
		host: "20-raw-drop",
		verdict: "drop",
		by: "iptables raw, chain PREROUTING: -A PREROUTING -i eth0 -p udp -m multiport --dports 1024:65535 -j DROP",
	},
	{ host: "21-notrack", verdict: "drop", by: "iptables filter, chain INPUT: policy drop" },
	{ host: "23-nft-netdev", verdict: "drop", by: "netdev early, chain ingress: udp dport 1024-65535 drop" },
	{ host: "25-ufw-reject", verdict: "reject" },
	{ host: "26-ufw-limit-range", verdict: "accept" },
	{ host: "26-ufw-limit-range", from: CLIENT, verdict: "unknown" },
	{
		host: "29-ipt-not-lo",
		verdict: "reject",
		by: "iptables filter, chain INPUT: -A INPUT ! -i lo -j REJECT --reject-with icmp-port-unreachable",
	},
	{ host: "33-ipt-then-native", verdict: "drop", by: "ip filter, chain INPUT: policy drop" },
	{
		host: "35-nixos-ipt",
		verdict: "drop",
		by: "iptables filter, chain nixos-fw-refuse: -A nixos-fw-refuse -j DROP",
	},
	{ host: "36-nixos-nft", verdict: "drop", by: "inet nixos-fw, chain input: policy drop" },
	{ host: "38-tailscale", verdict: "drop", by: "iptables filter, chain INPUT: policy drop" },
	{
		host: "38-tailscale",
		from: "100.64.1.1",
		verdict: "drop",
		by: "iptables filter, chain ts-input: -A ts-input -s 100.64.0.0/10 ! -i tailscale0 -j DROP",
	},
	{ host: "39-f2b-nft", verdict: "drop", by: "inet filter, chain input: policy drop" },
	{
		host: "39-f2b-nft",
		from: "198.51.100.7",
		verdict: "drop",
		by: "ip crowdsec, chain crowdsec-chain: ip saddr @crowdsec-blacklists drop",
	},
	{ host: "40-k8s", verdict: "drop", by: "iptables filter, chain INPUT: policy drop" },
	{
		host: "41-arch-nft",
		verdict: "drop",
		by: "inet filter, chain input: meta pkttype host limit rate 5/second counter packets 0 bytes 0 reject with icmpx admin-prohibited",
	},
	{
		host: "42-gentoo-proto",
		verdict: "reject",
		by: "iptables filter, chain INPUT: -A INPUT -p udp -j REJECT --reject-with icmp-port-unreachable",
	},
	{
		host: "43-set-block-bypassed",
		verdict: "drop",
		by: "ip filter, chain INPUT: -A INPUT -p udp -m udp --dport 60001 -j DROP",
	},
	{
		host: "43-set-block-bypassed",
		from: CLIENT,
		verdict: "drop",
		by: "ip filter, chain INPUT: ip saddr @blocked counter packets 0 bytes 0 drop",
	},
	{
		host: "50-fwd-base",
		verdict: "reject",
		by: "inet firewalld, chain filter_IN_public: reject with icmpx admin-prohibited",
	},
	{ host: "51-fwd-policy", verdict: "drop" },
	{ host: "52-fwd-policy-rich", verdict: "drop" },
	{
		host: "57-fwd-direct",
		verdict: "drop",
		by: "iptables filter, chain INPUT: -A INPUT -p udp -m udp --dport 60000:61000 -j DROP",
	},
	{ host: "66-fwd-nft-table", verdict: "drop", by: "inet extra, chain input: policy drop" },
	{
		host: "82-ipt-range-deny-drop",
		verdict: "drop",
		by: "iptables filter, chain INPUT: -A INPUT -p udp -m udp ! --dport 51820 -j DROP",
	},
	{ host: "83-nft-src-deny", verdict: "drop", by: "inet filter, chain input: policy drop" },
	{
		host: "83-nft-src-deny",
		from: CLIENT,
		verdict: "drop",
		by: "inet filter, chain input: ip saddr @blocked drop",
	},
	{ host: "86-nft-noconntrack", verdict: "drop", by: "ip filter4, chain input: policy drop" },
	{
		host: "86-nft-noconntrack",
		family: "ipv6",
		verdict: "drop",
		by: "ip6 filter6, chain input: policy drop",
	},
	{ host: "90-nft-ip-table", verdict: "drop", by: "ip filter, chain input: policy drop" },
	{ host: "91-nft-ip-table-set", verdict: "drop", by: "ip filter, chain input: policy drop" },
];

describe("of a new datagram to port 60001", () => {
	for (const { host, verdict, by, from, family = "ipv4" } of CASES) {
		test(`${host}, ${family}, from ${from ?? "nowhere"}: ${verdict}`, async () => {
			await onHost(host, async (rules) => {
				const address = family === "ipv4" ? "10.77.0.1" : "fd77::1";
				const judgement = await judge(rules, {
					ways: [{ interface: "eth0", family, address }],
					ports: { first: 60_001, last: 60_001 },
					...(from === undefined ? {} : { from }),
				});
				const first = judgement.decisions.map(inWords)[0];
				assert.equal(judgement.verdict, verdict, judgement.decisions.map(inWords).join("\n"));
				if (by !== undefined) {
					assert.equal(first, by);
				}
			});
		});
	}
});

test("18-output-drop: the answer is dropped by the policy of OUTPUT", async () => {
	await onHost("18-output-drop", async ({ chains }) => {
		const packet = firstDatagram("ipv4", "10.77.0.1", { first: 60_001, last: 60_001 }, "eth0");
		const { verdict, decisions } = walk(chains, answerTo(packet, "new"));
		assert.equal(verdict, "drop");
		assert.deepEqual(decisions.map(inWords), ["iptables filter, chain OUTPUT: policy drop"]);
	});
});

test("all ports of the range are dropped by the policy, and nobody's port by name", async () => {
	await onHost("01-csf", async ({ chains }) => {
		const { verdict, decisions } = walk(
			chains,
			firstDatagram("ipv4", "10.77.0.1", { first: 60_000, last: 61_000 }, "eth0"),
		);
		assert.equal(verdict, "drop");
		assert.deepEqual(
			decisions.map(({ condition }) => condition),
			["certain"],
		);
		assert.deepEqual(
			decisions[0]?.by.map(({ rule }) => rule.text),
			["-A INPUT ! -i lo -j LOGDROPIN"],
		);
	});
});

describe("what a reading reports", () => {
	const facts: Readonly<Record<string, RegExp | undefined>> = {
		"13-ipt-incompatible": /has no words for `ip saddr @blocked .*` of chain INPUT, table ip filter/,
		"14-nft-nojson": /JSON support not compiled-in/,
		"33-ipt-then-native":
			/has no words for `ip saddr @blocked counter packets 0 bytes 0 drop` of chain INPUT, table ip filter/,
		"15-no-ip6tables": undefined,
		"35-nixos-ipt": undefined,
		"38-tailscale": undefined,
		"57-fwd-direct": undefined,
	};
	for (const [host, expected] of Object.entries(facts)) {
		test(`${host}: ${expected ?? "nothing"}`, async () => {
			await onHost(host, async (rules) => {
				const sentences = rules.facts.map(({ sentence }) => sentence).join("\n");
				if (expected === undefined) {
					assert.equal(sentences, "");
				} else {
					assert.match(sentences, expected);
				}
			});
		});
	}

	test("no elements of a set are read where the kernel tells of the address that is asked for", async () => {
		const netlink = { ask: async () => NOT_THERE };
		const use = async (rules: HostRules, commands: RecordedCommands) => {
			const question = {
				ways: [{ interface: "eth0", family: "ipv4", address: "10.77.0.1" }],
				ports: { first: 60_001, last: 60_001 },
			} as const;
			await judge(rules, question);
			assert.ok(
				commands.lines.every((line) => !line.includes("list set")),
				commands.lines.join("\n"),
			);
			assert.equal((await judge(rules, { ...question, from: CLIENT })).decisions[0]?.rule, undefined);
			assert.ok(!commands.lines.includes("nft -j list set inet filter blocked"));
		};
		await onHost("83-nft-src-deny", use, netlink);
	});

	test("where it cannot be asked, the elements of a set of ranges are read", async () => {
		await onHost("83-nft-src-deny", async (rules, commands) => {
			const ways = [{ interface: "eth0", family: "ipv4", address: "10.77.0.1" }] as const;
			await judge(rules, { ways, ports: { first: 60_001, last: 60_001 } });
			assert.ok(commands.lines.includes("nft -j list set inet filter blocked"), commands.lines.join("\n"));
		});
	});
});

/** An answer of the kernel: ENOENT. */
const NOT_THERE = Buffer.alloc(36);
NOT_THERE.writeUInt32LE(36, 0);
NOT_THERE.writeUInt16LE(2, 4);
NOT_THERE.writeInt32LE(-2, 16);

async function onHost(
	name: string,
	use: (rules: HostRules, commands: RecordedCommands) => Promise<void>,
	netlink?: NetlinkQuestions,
): Promise<void> {
	const text = await readFile(new URL(`../../fixtures/firewall/hosts/${name}.json`, import.meta.url), "utf8");
	const record = JSON.parse(text) as HostRecord;
	const commands = new RecordedCommands(record);
	await withNet(record, async (net) => use(await readRules(commands, { net, netlink }), commands));
}
