import assert from "node:assert/strict";
import { test } from "node:test";
import { parseSaved, readLine } from "../../../src/firewall/path/iptables-rules.js";
import { walk } from "../../../src/firewall/path/walk.js";
import { NO_IPSETS, packet, saved } from "./samples.js";

const FILTER = ["*filter", ":INPUT DROP [0:0]", ":OUTPUT ACCEPT [0:0]", ":a - [0:0]"];

function verdict(...lines: string[]) {
	return walk(saved(...FILTER, ...lines, "COMMIT"), packet()).verdict;
}

test("tables, chains, policies and lines", () => {
	const [filter, nat] = parseSaved(
		[
			"# by iptables-save",
			...FILTER,
			"-A INPUT -j a",
			"COMMIT",
			"*nat",
			":PREROUTING ACCEPT [0:0]",
			"COMMIT",
		].join("\n"),
	);
	assert.deepEqual([filter?.name, nat?.name], ["filter", "nat"]);
	assert.deepEqual(
		[...(filter?.policies ?? [])],
		[
			["INPUT", "DROP"],
			["OUTPUT", "ACCEPT"],
			["a", "-"],
		],
	);
	assert.deepEqual(filter?.lines.get("INPUT"), ["-A INPUT -j a"]);
});

test("a hop limit with which nothing gets far is not followed", () => {
	assert.equal(verdict("-A INPUT -j TTL --ttl-set 64", "-A INPUT -j ACCEPT"), "accept");
	assert.equal(verdict("-A INPUT -j TTL --ttl-set 1", "-A INPUT -j ACCEPT"), "unknown");
	assert.equal(verdict("-A INPUT -j HL --hl-set 1", "-A INPUT -j ACCEPT"), "unknown");
});

test("targets end the walk, jump, return, or change nothing", () => {
	assert.equal(verdict(), "drop");
	assert.equal(verdict("-A INPUT -j ACCEPT"), "accept");
	assert.equal(verdict("-A INPUT -j REJECT --reject-with icmp-port-unreachable"), "reject");
	assert.equal(verdict("-A INPUT -j LOG --log-prefix x", "-A INPUT", "-A INPUT -j ACCEPT"), "accept");
	assert.equal(verdict("-A INPUT -j a", "-A INPUT -j ACCEPT", "-A a -j RETURN"), "accept");
	assert.equal(verdict("-A INPUT -g a", "-A INPUT -j ACCEPT", "-A a -j RETURN"), "drop");
	assert.equal(verdict("-A INPUT -j FROMTHEFUTURE", "-A INPUT -j ACCEPT"), "unknown");
});

test("tables are passed in the kernel's order, and translation only by a first datagram", () => {
	const nat = [
		"*nat",
		":PREROUTING ACCEPT [0:0]",
		"-A PREROUTING -p udp -j DNAT --to-destination 172.31.0.2",
		"COMMIT",
	];
	const raw = ["*raw", ":PREROUTING ACCEPT [0:0]", "-A PREROUTING -p udp -j CT --notrack", "COMMIT"];
	const open = [...FILTER, "-A INPUT -j ACCEPT", "COMMIT"];
	assert.equal(walk(saved(...open, ...nat), packet()).verdict, "drop");
	assert.equal(walk(saved(...open, ...nat, ...raw), packet()).verdict, "accept");
	const passed = walk(saved(...open, ...nat), packet({ state: "established" })).passages.map(
		({ base }) => base.table,
	);
	assert.deepEqual(passed, ["iptables filter"]);
});

test("a translation to where it goes anyway changes nothing", () => {
	const dnat = (to: string) =>
		walk(
			saved(
				"*nat",
				":PREROUTING ACCEPT [0:0]",
				`-A PREROUTING -p udp -j DNAT --to-destination ${to}`,
				"COMMIT",
			),
			packet(),
		).verdict;
	for (const to of ["10.77.0.1", "10.77.0.1:60001", ":60001"]) {
		assert.equal(dnat(to), "accept", to);
	}
	for (const to of [
		"10.77.0.9",
		"10.77.0.1:60002",
		"10.77.0.1:60001-60009",
		"10.77.0.1-10.77.0.9",
		"[fd77::1]:60001",
	]) {
		assert.equal(dnat(to), "drop", to);
	}
});

test("a network mapped onto another one takes the datagram along, onto itself it does not", () => {
	const mapped = (to: string) =>
		walk(saved("*nat", ":PREROUTING ACCEPT [0:0]", `-A PREROUTING -j NETMAP --to ${to}`, "COMMIT"), packet());
	assert.equal(mapped("10.99.0.0/24").verdict, "drop");
	assert.equal(mapped("10.77.0.0/24").verdict, "accept");
});

test("a redirect to its own port may stay, one to another does not", () => {
	const redirect = (port: string) =>
		walk(
			saved(
				...FILTER,
				"-A INPUT -j ACCEPT",
				"COMMIT",
				"*nat",
				":PREROUTING ACCEPT [0:0]",
				`-A PREROUTING -p udp -j REDIRECT ${port}`,
				"COMMIT",
			),
			packet(),
		);
	assert.equal(redirect("--to-ports 9").verdict, "drop");
	assert.equal(redirect("--to-ports 60001").verdict, "unknown");
	assert.equal(redirect("").verdict, "unknown");
});

test("whose a rule is, is asked with its chain, comment and target", () => {
	const origins: unknown[] = [];
	const read = readLine(
		'-A INPUT -p udp -m comment --comment "mosh-portguard" -j a',
		new Map([["a", 1]]),
		NO_IPSETS,
		(origin) => origins.push(origin) > 0,
	);
	assert.deepEqual(origins, [{ chain: "INPUT", comment: "mosh-portguard", target: "a" }]);
	assert.equal(read.ours, true);
});
