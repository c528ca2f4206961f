import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlain } from "../../../src/firewall/path/nft-plain.js";
import { PLAIN } from "../../support/nft-plain-text.js";

test("what nft prints for people tells chains, hooks, devices, policies and rules", () => {
	const [early, old] = parsePlain(PLAIN);
	assert.deepEqual(
		early?.chains.map(({ name, hook, devices, policy, rules }) => [
			name,
			hook,
			devices,
			policy,
			rules.map(({ text }) => text),
		]),
		[
			[
				"ingress",
				"ingress",
				["eth0"],
				"drop",
				["udp dport 7 accept", 'udp dport 1024-65535 drop comment "# handle 9"'],
			],
			["both", "ingress", ["eth0", "eth1"], "accept", []],
		],
	);
	assert.deepEqual([early?.dormant, old?.dormant], [false, true]);
	assert.deepEqual(
		old?.chains.map(({ name, hook }) => [name, hook]),
		[
			["input", "input"],
			["a", undefined],
		],
	);
});

test("a rule keeps its handle, whatever its comment says", () => {
	const [early] = parsePlain(PLAIN);
	assert.deepEqual(
		early?.chains[0]?.rules.map(({ handle }) => handle),
		["3", "4"],
	);
});

test("a chain without a name stands in its rule", () => {
	const text = [
		"table inet t { # handle 1",
		"\tchain i { # handle 1",
		"\t\ttype filter hook input priority filter; policy accept;",
		'\t\tiifname "eth0" jump {',
		"\t\t\tudp dport 60001 drop",
		"\t\t} # handle 5",
		"\t\tudp dport 7 accept # handle 6",
		"\t}",
		"}",
		"",
	].join("\n");
	assert.deepEqual(parsePlain(text)[0]?.chains[0]?.rules, [
		{ handle: "5", text: 'iifname "eth0" jump { … }' },
		{ handle: "6", text: "udp dport 7 accept" },
	]);
});

test("a host without tables has none", () => {
	assert.deepEqual(parsePlain(""), []);
	assert.deepEqual(parsePlain("table ip filter { # handle 1\n}\n"), [
		{ family: "ip", name: "filter", dormant: false, chains: [] },
	]);
});
