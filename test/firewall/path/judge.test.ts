import assert from "node:assert/strict";
import { describe as group, test } from "node:test";
import { describe, judge, judgeNow } from "../../../src/firewall/path/judge.js";
import type { BaseChain } from "../../../src/firewall/path/rules.js";
import { RANGE, saved } from "./samples.js";

const port = { first: 60_001, last: 60_001 };
const way = (name: string) => ({ interface: name, family: "ipv4", address: "10.77.0.1" }) as const;
const FILTER = ["*filter", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]"];

function on(chains: readonly BaseChain[], names: readonly string[] = ["eth0"], ports = port) {
	return judgeNow({ chains }, { ways: names.map(way), ports });
}

group("one verdict", () => {
	test("open, by the rule that let it in", () => {
		const judgement = on(saved(...FILTER, "-A INPUT -p udp -m udp --dport 60001 -j ACCEPT", "COMMIT"));
		assert.deepEqual([judgement.verdict, judgement.direction], ["accept", "in"]);
		assert.deepEqual(judgement.decisions.map(describe), [
			"iptables filter, chain INPUT: -A INPUT -p udp -m udp --dport 60001 -j ACCEPT",
		]);
	});

	test("shut, by the rule that keeps the answer back", () => {
		const judgement = on(saved(...FILTER, "-A OUTPUT -p udp -j DROP", "COMMIT"));
		assert.deepEqual([judgement.verdict, judgement.direction], ["drop", "out"]);
		assert.deepEqual(judgement.decisions.map(describe), [
			"iptables filter, chain OUTPUT: -A OUTPUT -p udp -j DROP",
		]);
	});

	test("unknown, where the answer is looked for in another zone of tracking and only known ones leave", () => {
		const raw = (zone: string) => [
			"*raw",
			":PREROUTING ACCEPT [0:0]",
			`-A PREROUTING -j CT ${zone}`,
			"COMMIT",
		];
		const rules = ["-A OUTPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT", "-A OUTPUT -j DROP", "COMMIT"];
		const chains = (zone: string) => saved(...raw(zone), ...FILTER, ...rules);
		assert.deepEqual([on(chains("--zone 5")).verdict, on(chains("--zone 5")).direction], ["unknown", "out"]);
		assert.equal(on(chains("--zone-orig 5")).verdict, "accept");
		assert.equal(on(saved(...raw("--zone 5"), ...FILTER, "COMMIT")).verdict, "accept");
	});

	test("the worst of the ways, and which one that is", () => {
		const chains = saved(...FILTER, "-A INPUT -i eth1 -j REJECT", "COMMIT");
		const judgement = on(chains, ["eth0", "eth1"]);
		assert.deepEqual([judgement.verdict, judgement.way?.interface], ["reject", "eth1"]);
		assert.deepEqual(
			judgement.ways.map(({ verdict }) => verdict),
			["accept", "reject"],
		);
		assert.equal(on(chains, []).verdict, "accept");
	});

	test("unknown of a range that a rule splits", () => {
		const chains = saved(...FILTER, "-A INPUT -p udp -m udp --dport 60001 -j DROP", "COMMIT");
		const judgement = on(chains, ["eth0"], RANGE);
		assert.equal(judgement.verdict, "unknown");
		assert.deepEqual(
			judgement.decisions.map(({ condition }) => condition),
			["specific"],
		);
	});

	test("of an untracked datagram the answer is new", () => {
		const raw = ["*raw", ":PREROUTING ACCEPT [0:0]", "-A PREROUTING -p udp -j CT --notrack", "COMMIT"];
		const out = "-A OUTPUT -m conntrack ! --ctstate ESTABLISHED -j DROP";
		assert.equal(on(saved(...FILTER, out, "COMMIT", ...raw)).verdict, "drop");
		assert.equal(on(saved(...FILTER, out, "COMMIT")).verdict, "accept");
	});
});

test("walks again as long as there is something to learn, and not for ever", async () => {
	let asked = 0;
	const learn = async () => {
		asked += 1;
		return true;
	};
	const rules = { chains: [], facts: [], unread: [], learn };
	await judge(rules, { ways: [way("eth0")], ports: port });
	assert.equal(asked, 3);
});
