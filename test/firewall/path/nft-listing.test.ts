import assert from "node:assert/strict";
import { test } from "node:test";
import { parseElements, parseListing } from "../../../src/firewall/path/nft-listing.js";
import { parsePlain } from "../../../src/firewall/path/nft-plain.js";
import { opaqueRules, plainChains } from "../../../src/firewall/path/opaque.js";
import { walk } from "../../../src/firewall/path/walk.js";
import { packet } from "./samples.js";

/** As nft 1.0.6 prints it. */
const PLAIN = `table netdev early { # handle 1
	chain ingress { # handle 1
		type filter hook ingress device "eth0" priority -500; policy drop;
		udp dport 7 accept # handle 3
		udp dport 1024-65535 drop comment "# handle 9" # handle 4
	}

	chain both { # handle 2
		type filter hook ingress devices = { eth0, eth1 } priority filter; policy accept;
	}
}
table inet old { # handle 2
	flags dormant

	set s { # handle 5
		type ipv4_addr
		flags interval
	}

	chain input { # handle 1
		comment "of the administrator"
		type filter hook input priority filter; policy drop;
	}

	chain a { # handle 2
		counter packets 0 bytes 0 # handle 3
	}
}`;

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

test("what nft leaves out of its JSON is taken from there: devices, flags and words", () => {
	const json = JSON.stringify({
		nftables: [
			{ metainfo: { version: "1.0.6" } },
			{ table: { family: "netdev", name: "early", handle: 1 } },
			{
				chain: {
					family: "netdev",
					table: "early",
					name: "ingress",
					handle: 1,
					type: "filter",
					hook: "ingress",
					prio: -500,
					policy: "drop",
				},
			},
			{ rule: { family: "netdev", table: "early", chain: "ingress", handle: 3, expr: [{ accept: null }] } },
			{ table: { family: "inet", name: "old", handle: 2 } },
			{ map: { family: "inet", table: "old", name: "m", handle: 9, map: "verdict" } },
		],
	});
	const [early, old] = parseListing(json, parsePlain(PLAIN));
	assert.deepEqual(early?.chains[0]?.devices, ["eth0"]);
	assert.equal(early?.chains[0]?.rules[0]?.text, "udp dport 7 accept");
	assert.deepEqual([early?.dormant, old?.dormant, old?.maps.has("m")], [false, true, true]);
});

test("what is no listing is an error", () => {
	assert.throws(() => parseListing('{"nftables": [{"table": {"flags":', []), SyntaxError);
	assert.throws(() => parseListing("{}", []), TypeError);
});

test("elements of a set, and of a map", () => {
	assert.deepEqual(
		parseElements('{"nftables": [{"metainfo": {}}, {"set": {"name": "s", "elem": [1, 2]}}]}'),
		[1, 2],
	);
	assert.deepEqual(parseElements('{"nftables": [{"map": {"name": "m", "elem": [[1, {"drop": null}]]}}]}'), [
		[1, { drop: null }],
	]);
	assert.deepEqual(parseElements('{"nftables": [{"set": {"name": "s"}}]}'), []);
});

test("rules known as text alone may do anything, an empty chain has its policy, a dormant table nothing", () => {
	const [early, old] = parsePlain(PLAIN);
	assert.ok(early && old);
	const chains = plainChains(early, "no JSON");
	assert.equal(walk(chains, packet()).verdict, "unknown");
	assert.deepEqual(
		walk(chains, packet()).decisions.map(({ rule }) => rule?.text),
		["no JSON"],
	);
	assert.deepEqual(plainChains(old, "no JSON"), []);
	assert.equal(walk(plainChains({ ...old, dormant: false }, "no JSON"), packet()).verdict, "drop");
	assert.equal(
		walk(opaqueRules("nftables", "refused"), packet({ direction: "out", state: "established" })).verdict,
		"unknown",
	);
});
