import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { BesideRules } from "../../../src/firewall/path/beside-rules.js";
import type { Network, Way } from "../../../src/firewall/path/interfaces.js";
import { judgeNow } from "../../../src/firewall/path/judge.js";
import type { BaseChain } from "../../../src/firewall/path/rules.js";
import { saved } from "./samples.js";

const ETH0: Way = { family: "ipv4", address: "10.77.0.1", interface: "eth0" };
const ETH1: Way = { family: "ipv4", address: "10.79.0.1", interface: "eth1" };
const NETWORK: Network = {
	addresses: [
		{ interface: "lo", family: "ipv4", address: "127.0.0.1" },
		{ interface: "eth0", family: "ipv4", address: "10.77.0.1" },
		{ interface: "eth1", family: "ipv4", address: "10.79.0.1" },
	],
	defaults: { ipv4: ["eth0"], ipv6: [] },
};
const PORTS = { first: 60_001, last: 60_001 };

interface Host {
	readonly network?: Partial<Network>;
	/** The setting rp_filter, everywhere. */
	readonly filter?: number;
	/** What `ip route get` is asked, and the interface of its answer; empty for no route. */
	readonly route?: (line: string) => string;
}

function host({ network = {}, filter = 0, route = () => "eth0" }: Host) {
	const lines: string[] = [];
	const run = async (_: string, args: readonly string[]) => {
		const line = args.join(" ");
		lines.push(line);
		const name = route(line);
		return name === ""
			? { stdout: "", stderr: "RTNETLINK answers: Network is unreachable", exitCode: 2 }
			: { stdout: `198.51.100.1 dev ${name} uid 0`, stderr: "", exitCode: 0 };
	};
	const beside = new BesideRules({ run } as never, { ...NETWORK, ...network }, async () => filter);
	return { beside, lines };
}

async function found(of: Host, way: Way = ETH1, chains: readonly BaseChain[] = [], isAsked = false) {
	const { beside, lines } = host(of);
	const judgement = { ...judgeNow({ chains }, { ways: [way], ports: PORTS }), supposesWayBack: isAsked };
	const isOpen = async ({ back }: Way) => back === "eth1";
	return { found: await beside.found(judgement, PORTS, isOpen), lines };
}

describe("a reverse path filter", () => {
	test("leaves a port to networks of its interface, where everybody's answers leave by another", async () => {
		const only =
			"by eth1 only from networks that this host has routes to by it (net.ipv4.conf.eth1.rp_filter is 1)";
		assert.deepEqual((await found({ filter: 1 })).found, { kind: "limited", only });
		assert.equal((await found({ filter: 1 }, ETH0)).found, undefined);
		assert.equal((await found({ filter: 1, route: () => "eth1" })).found, undefined);
		assert.equal(
			(await found({ filter: 1 }, { ...ETH1, family: "ipv6", address: "fd79::1" })).found,
			undefined,
		);
	});

	test("that is loose asks for any route", async () => {
		assert.deepEqual(await found({ filter: 2 }), { found: undefined, lines: [] });
		const none = { filter: 2, network: { defaults: { ipv4: [], ipv6: [] } }, route: () => "" };
		assert.equal((await found(none)).found?.kind, "limited");
	});

	test("by a rule, the same, where the rules drop what has another way back", async () => {
		const only =
			"by eth1 only from networks that this host has routes to by it (a rule asks for the way back)";
		assert.deepEqual((await found({}, ETH1, [], true)).found, { kind: "limited", only });
		assert.equal((await found({ route: () => "eth1" }, ETH1, [], true)).found, undefined);
	});

	test("drops a client whose route is by another interface, or who has none", async () => {
		const rule = "net.ipv4.conf.eth1.rp_filter is 1, and the route to the client is by eth0";
		assert.deepEqual((await found({ filter: 1 }, { ...ETH1, back: "eth0" })).found, {
			kind: "unknown",
			rule,
			direction: "in",
		});
		assert.equal((await found({ filter: 1 }, { ...ETH1, back: "eth1" })).found, undefined);
		assert.equal((await found({ filter: 2 }, { ...ETH1, back: "eth0" })).found, undefined);
		assert.equal((await found({ filter: 2 }, { ...ETH1, back: "" })).found?.kind, "unknown");
		assert.equal((await found({ filter: 0 }, { ...ETH1, back: "" })).found, undefined);
	});

	test("takes no command on a host with one interface, and says nothing where interfaces have tables of their own", async () => {
		const network = { addresses: NETWORK.addresses.slice(0, 2) };
		assert.deepEqual(await found({ filter: 1, network }, ETH0, [], true), { found: undefined, lines: [] });
		assert.deepEqual(await found({ filter: 1, network: { hasVrfs: true } }), { found: undefined, lines: [] });
	});
});

test("a client comes by the interface that the route to it is by, if that is one of the ways", async () => {
	const ways = (name: string) => host({ route: () => name }).beside.waysOf("203.0.113.5", [ETH0, ETH1]);
	assert.deepEqual(await ways("eth1"), [{ ...ETH1, back: "eth1" }]);
	assert.deepEqual(await ways("tun0"), [
		{ ...ETH0, back: "tun0" },
		{ ...ETH1, back: "tun0" },
	]);
	const { beside, lines } = host({ network: { hasVrfs: true } });
	assert.deepEqual([await beside.waysOf("203.0.113.5", [ETH0]), lines], [[ETH0], []]);
});

test("what stands at an interface, or at one that it is made of, is told and not followed", async () => {
	const doubts = [{ interface: "eth1", direction: "in", what: "an XDP program at eth1" }] as const;
	const rule = "an XDP program at eth1, which is not followed";
	const unknown = { kind: "unknown", rule, direction: "in" };
	assert.deepEqual((await found({ network: { doubts } })).found, unknown);
	assert.deepEqual((await found({ network: { doubts } }, { ...ETH0, below: ["eth1"] })).found, unknown);
	assert.equal((await found({ network: { doubts } }, ETH0)).found, undefined);
});

describe("a rule of routing", () => {
	const rules = (...ipv4: string[]) => ({
		network: { rules: { ipv4: ["from all lookup local", ...ipv4, "from all lookup main"], ipv6: [] } },
	});
	const marking = saved(
		"*mangle",
		":OUTPUT ACCEPT [0:0]",
		"-A OUTPUT -j MARK --set-xmark 0x9/0xffffffff",
		"COMMIT",
	);

	test("may refuse the answer, also by a mark that a rule of the firewall gives it", async () => {
		const rule = "from all fwmark 0x9 prohibit";
		const unknown = { kind: "unknown", rule: `ip rule: ${rule}`, direction: "out" };
		assert.deepEqual((await found(rules(rule), ETH1, marking)).found, unknown);
		assert.equal((await found(rules(rule))).found, undefined);
	});

	test("may lead it to where it has no route, which the kernel is asked with what rules ask for", async () => {
		const dead = { ...rules("from all ipproto udp sport 60001 lookup 77"), route: () => "" };
		const asked = await found(dead);
		assert.equal(
			asked.found?.kind === "unknown" && asked.found.rule,
			"ip rule: from all ipproto udp sport 60001 lookup 77",
		);
		assert.match(asked.lines[0] ?? "", / from 10\.79\.0\.1 ipproto udp sport 60001$/);
		assert.equal((await found({ ...dead, route: () => "tun0" })).found, undefined);
		const marked = await found(
			{
				...rules("from all fwmark 0x9 lookup 77"),
				route: (line) => (line.includes(" mark 9") ? "" : "eth0"),
			},
			ETH1,
			marking,
		);
		assert.equal(marked.found?.kind, "unknown");
		const offline = { ...dead, network: { ...dead.network, defaults: { ipv4: [], ipv6: [] } } };
		assert.deepEqual(await found(offline), { found: undefined, lines: [] });
	});

	test("may take it away before it is this host's", async () => {
		const network = { rules: { ipv4: ["from all iif eth1 lookup 77", "from all lookup local"], ipv6: [] } };
		const rule = "ip rule: from all iif eth1 lookup 77";
		assert.deepEqual((await found({ network })).found, { kind: "unknown", rule, direction: "in" });
		assert.equal((await found({ network }, ETH0)).found, undefined);
	});
});
