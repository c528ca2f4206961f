import assert from "node:assert/strict";
import { describe as group, test } from "node:test";
import { describe, judge, judgeNow } from "../../../src/firewall/path/judge.js";
import { parseListing } from "../../../src/firewall/path/nft-listing.js";
import { nftBaseChains } from "../../../src/firewall/path/nft-rules.js";
import type { HostRules } from "../../../src/firewall/path/read.js";
import type { BaseChain } from "../../../src/firewall/path/rules.js";
import { RANGE, SADDR, saved } from "./samples.js";

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

group("an address that no rule names", () => {
	const iptables = (...rules: string[]): HostRules => ({
		chains: saved(...FILTER, ...rules, "COMMIT"),
		facts: [],
		unread: [],
		learn: async () => false,
	});
	const judged = (...rules: string[]) => judge(iptables(...rules), { ways: [way("eth0")], ports: port });
	const halves = (first: string, second: string) =>
		judged(`-A INPUT -s 0.0.0.0/1 -j ${first}`, `-A INPUT -s 128.0.0.0/1 -j ${second}`);

	test("is none where rules name all together", async () => {
		assert.equal((await halves("DROP", "DROP")).verdict, "drop");
		assert.equal((await halves("ACCEPT", "ACCEPT")).verdict, "accept");
		assert.equal(
			(await judged("-A INPUT -m iprange --src-range 1.0.0.0-223.255.255.255 -j DROP")).verdict,
			"drop",
		);
		assert.equal(
			(await judged("-A INPUT -m iprange ! --src-range 1.0.0.0-223.255.255.255 -j DROP")).verdict,
			"accept",
		);
	});

	test("is one where they leave some", async () => {
		assert.equal(
			(await judged("-A INPUT -s 0.0.0.0/1 -j DROP", "-A INPUT -s 128.0.0.0/2 -j DROP")).verdict,
			"accept",
		);
	});

	test("is not told where it depends on which, and the rule is named", async () => {
		const judgement = await halves("ACCEPT", "DROP");
		assert.deepEqual([judgement.verdict, judgement.direction], ["unknown", "in"]);
		assert.match(judgement.decisions.map(describe).join(), /-s 128\.0\.0\.0\/1 -j DROP/);
		assert.equal(judgement.ways[0]?.inbound.verdict, "unknown");
	});

	test("answers too are followed to each", async () => {
		const judgement = await judged("-A OUTPUT -d 0.0.0.0/1 -j DROP", "-A OUTPUT -d 128.0.0.0/1 -j ACCEPT");
		assert.deepEqual([judgement.verdict, judgement.direction], ["unknown", "out"]);
		assert.equal(judgement.ways[0]?.answer?.verdict, "unknown");
		assert.equal(judgement.ways[0]?.inbound.verdict, "accept");
	});

	test("a known one is just that", async () => {
		const rules = iptables("-A INPUT -s 0.0.0.0/1 -j ACCEPT", "-A INPUT -s 128.0.0.0/1 -j DROP");
		const from = (address: string) => judge(rules, { ways: [way("eth0")], ports: port, from: address });
		assert.deepEqual(
			[(await from("10.0.0.1")).verdict, (await from("192.0.2.1")).verdict],
			["accept", "drop"],
		);
	});

	test("that a rule asks the way back to is supposed to come by it, which is said", async () => {
		assert.equal((await judged("-A INPUT -m rpfilter --invert -j DROP")).supposesWayBack, true);
		assert.equal((await judged("-A INPUT -p tcp -j DROP")).supposesWayBack, false);
		const rules = iptables("-A INPUT -m rpfilter --invert -j DROP");
		const back = (name: string) => judge(rules, { ways: [{ ...way("eth0"), back: name }], ports: port });
		assert.deepEqual(
			[(await back("eth0")).verdict, (await back("eth1")).verdict, (await back("")).verdict],
			["accept", "drop", "drop"],
		);
	});

	test("that a rule remembers is shut out when it comes again", async () => {
		const judgement = await judged(
			"-A INPUT -p udp -m recent --rcheck --name x --rsource -j DROP",
			"-A INPUT -p udp -m recent --set --name x --rsource -j ACCEPT",
		);
		assert.equal(judgement.verdict, "unknown");
		assert.match(judgement.decisions.map(describe).join(), /--rcheck/);
	});

	test("is not told where a set has all that were tried, and cannot be read", async () => {
		const lookup = {
			elements: () => undefined,
			has: () => undefined,
			get: () => true as const,
			hasRanges: () => true,
		};
		const set = (verdict: string) => {
			const nftables = [
				{ table: { family: "ip", name: "t", handle: 1 } },
				{
					chain: {
						family: "ip",
						table: "t",
						name: "input",
						handle: 1,
						type: "filter",
						hook: "input",
						prio: 0,
						policy: "accept",
					},
				},
				{
					rule: {
						family: "ip",
						table: "t",
						chain: "input",
						handle: 2,
						expr: [{ match: { op: "==", left: SADDR, right: "@s" } }, { [verdict]: null }],
					},
				},
			];
			const tables = parseListing(JSON.stringify({ nftables }), []);
			const chains = nftBaseChains(tables, { lookupIn: () => lookup, isOurs: () => false });
			return judge({ ...iptables(), chains }, { ways: [way("eth0")], ports: port });
		};
		assert.equal((await set("drop")).verdict, "unknown");
		assert.equal((await set("accept")).verdict, "accept");
	});
});
