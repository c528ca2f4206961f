/** Where openings belong in rule sets as they are in the field, recorded from the real tools. */

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { describe, test } from "node:test";
import { beforeDefaultDrop } from "../../src/firewall/iptables/insertion-point.js";
import { parseSave } from "../../src/firewall/iptables/save.js";
import { findInsertionPoints } from "../../src/firewall/nftables/insertion-point.js";
import { parseRuleset } from "../../src/firewall/nftables/ruleset.js";
import type { BaseChain } from "../../src/firewall/path/rules.js";
import { findPlace } from "../../src/firewall/placement.js";
import type { HostRecord } from "../support/recorded-host.js";
import { saved } from "./path/samples.js";

const INTERFACES = { ipv4: ["eth0"], ipv6: ["eth0"] };

async function output(host: string, line: string): Promise<string> {
	const text = await readFile(new URL(`../fixtures/firewall/hosts/${host}.json`, import.meta.url), "utf8");
	const found = (JSON.parse(text) as HostRecord).outputs[line];
	if (found === undefined || !("stdout" in found)) {
		throw new Error(`${host} has no output of ${line}`);
	}
	return found.stdout;
}

describe("iptables of the field", () => {
	/** The chain, and the rule that the opening stands before. */
	const cases: Record<string, [string, string | undefined]> = {
		"01-csf": [
			"LOGDROPIN",
			'-A LOGDROPIN -p udp -m limit --limit 30/min -j LOG --log-prefix "Firewall: *UDP_IN Blocked* "',
		],
		"29-ipt-not-lo": ["INPUT", "-A INPUT ! -i lo -j REJECT --reject-with icmp-port-unreachable"],
		"15-no-ip6tables": ["INPUT", undefined],
		"21-notrack": ["INPUT", undefined],
		"42-gentoo-proto": ["INPUT", "-A INPUT -p udp -j REJECT --reject-with icmp-port-unreachable"],
	};
	for (const [host, expected] of Object.entries(cases)) {
		test(host, async () => {
			const table = parseSave(await output(host, "iptables-nft-save"));
			const point = beforeDefaultDrop(table, { family: "ipv4", interfaces: INTERFACES });
			assert.ok(point);
			const next = table.get(point.chain)?.rules[point.index];
			assert.deepEqual([point.chain, next?.text], expected);
		});
	}
});

describe("nftables of the field", () => {
	/** Of each position: the table, the chain, and what the rule that the opening stands before does. */
	const cases: Record<string, string[]> = {
		"00-base-nft": ["inet filter input: policy"],
		"06-nft-iface-chain": ["inet filter wan: limit, log"],
		"07-nft-proto-vmap": ["inet filter udp_in: reject"],
		"09-nft-two-base": ["inet filter input: policy", "inet custom input: policy"],
		"36-nixos-nft": ["inet nixos-fw input: policy"],
		"41-arch-nft": ["inet filter input: match, limit, counter, reject"],
		"83-nft-src-deny": ["inet filter input: policy"],
		"86-nft-noconntrack": ["ip filter4 input: policy", "ip6 filter6 input: policy"],
		"90-nft-ip-table": ["ip filter input: policy", "ip6 filter input: policy"],
	};
	for (const [host, expected] of Object.entries(cases)) {
		test(host, async () => {
			const tables = parseRuleset(await output(host, "nft -j -t list ruleset"));
			const points = findInsertionPoints(tables, { interfaces: INTERFACES });
			const found = points.map(({ table, chain, before }) => {
				const next = before?.statements.flatMap((statement) => Object.keys(statement)).join(", ") ?? "policy";
				return `${table.family} ${table.name} ${chain.name}: ${next}`;
			});
			assert.deepEqual(found, expected);
		});
	}
});

describe("a place", () => {
	const options = {
		interfaces: INTERFACES,
		isLog: ({ text }: { text: string }) => text.includes("-j LOG"),
		baseChains: ["INPUT", "FORWARD"],
	};
	const input = (policy: string, chains: string[], ...lines: string[]): BaseChain => {
		const heads = [
			`:INPUT ${policy} [0:0]`,
			":FORWARD ACCEPT [0:0]",
			...chains.map((name) => `:${name} - [0:0]`),
		];
		const base = saved("*filter", ...heads, ...lines).find(({ hook }) => hook === "input");
		assert.ok(base);
		return base;
	};
	const placeIn = (...rules: Parameters<typeof input>) => {
		const placement = findPlace(input(...rules), options);
		return placement.kind === "place" ? [placement.place.chain, placement.place.index] : placement;
	};

	test("is behind denies of a port, a source, a set and another interface, whatever stands between", () => {
		const denies = [
			"-A INPUT -s 192.0.2.0/24 -j DROP",
			"-A INPUT -m set --match-set bad src -j DROP",
			"-A INPUT -i docker0 -j DROP",
			"-A INPUT -p udp -m udp --dport 60001 -j DROP",
			"-A INPUT -p udp -m udp ! --dport 53 -j DROP",
			"-A INPUT -m mark --mark 0x1 -j DROP",
		];
		assert.deepEqual(placeIn("DROP", [], ...denies), ["INPUT", denies.length]);
		assert.deepEqual(
			placeIn("ACCEPT", [], ...denies, "-A INPUT -i eth0 -j LOG", "-A INPUT -i eth0 -j DROP"),
			["INPUT", denies.length],
		);
	});

	test("is before a drop within a rate, and behind one beyond a rate", () => {
		const within = "-A INPUT -m limit --limit 5/sec -j REJECT --reject-with icmp-port-unreachable";
		assert.deepEqual(placeIn("DROP", [], within), ["INPUT", 0]);
		const beyond = "-A INPUT -m hashlimit --hashlimit-above 5/sec --hashlimit-name x -j DROP";
		assert.deepEqual(placeIn("DROP", [], beyond), ["INPUT", 1]);
	});

	test("is not needed where new datagrams are accepted, though some are denied", () => {
		assert.equal(
			findPlace(input("ACCEPT", [], "-A INPUT -s 192.0.2.1/32 -j DROP"), options).kind,
			"not-needed",
		);
		const within = "-A INPUT -m limit --limit 5/sec -j ACCEPT";
		assert.equal(findPlace(input("ACCEPT", [], within), options).kind, "not-needed");
		assert.notEqual(findPlace(input("DROP", [], within), options).kind, "not-needed");
	});

	test("is before the jump to a chain that forwarded datagrams pass too", () => {
		const shared = ["-A FORWARD -j off", "-A INPUT -j off", "-A off -p tcp -j REJECT", "-A off -j DROP"];
		assert.deepEqual(placeIn("ACCEPT", ["off"], ...shared), ["INPUT", 0]);
		const denying = [...shared.slice(0, 2), "-A off -s 192.0.2.1/32 -j DROP", "-A off -j DROP"];
		const placement = findPlace(input("ACCEPT", ["off"], ...denying), options);
		assert.equal(placement.kind, "none");
		assert.match(placement.kind === "none" ? placement.reason : "", /forwarded or sent/);
	});

	test("serves every interface that sessions come in by, or there is none", () => {
		const both = { ...options, interfaces: { ipv4: ["eth0", "eth1"] } };
		const common = ["-A INPUT -i eth0 -j DROP", "-A INPUT -i eth1 -j DROP"];
		const found = findPlace(input("ACCEPT", [], ...common), both);
		assert.deepEqual(found, { kind: "place", place: { chain: "INPUT", index: 0 } });
		const zones = [
			"-A INPUT -i eth0 -j one",
			"-A INPUT -i eth1 -j two",
			"-A one -s 192.0.2.1/32 -j DROP",
			"-A one -j DROP",
			"-A two -j DROP",
		];
		assert.equal(findPlace(input("ACCEPT", ["one", "two"], ...zones), both).kind, "none");
	});
});
