import assert from "node:assert/strict";
import { test } from "node:test";
import { parseElements, parseListing } from "../../../src/firewall/path/nft-listing.js";
import { parsePlain } from "../../../src/firewall/path/nft-plain.js";
import { PLAIN } from "../../support/nft-plain-text.js";

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

test("of sets and maps, what their keys are, whether there are ranges, and whether elements count by a rate of their own", () => {
	const items = [
		{ set: { name: "hosts", type: "ipv4_addr" } },
		{ set: { name: "pairs", type: ["ipv4_addr", "inet_service"], flags: ["interval", "timeout"] } },
		{ set: { name: "often", type: "inet_service", stmt: [{ limit: { rate: 1 } }] } },
		{ set: { name: "counted", type: "inet_service", stmt: [{ counter: null }] } },
		{ map: { name: "m", type: "mark", map: "verdict", flags: "interval" } },
		{ set: { name: "odd", type: { typeof: "x" } } },
	];
	const nftables = [
		{ table: { family: "ip", name: "t", handle: 1 } },
		...items.map((item) =>
			Object.fromEntries(
				Object.entries(item).map(([kind, of]) => [kind, { family: "ip", table: "t", ...of }]),
			),
		),
	];
	const [table] = parseListing(JSON.stringify({ nftables }), []);
	assert.deepEqual(Object.fromEntries(table?.shapes ?? []), {
		hosts: { types: ["ipv4_addr"], hasRanges: false, depends: false },
		pairs: { types: ["ipv4_addr", "inet_service"], hasRanges: true, depends: false },
		often: { types: ["inet_service"], hasRanges: false, depends: true },
		counted: { types: ["inet_service"], hasRanges: false, depends: false },
		m: { types: ["mark"], hasRanges: true, depends: false },
		odd: { types: [], hasRanges: false, depends: false },
	});
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
