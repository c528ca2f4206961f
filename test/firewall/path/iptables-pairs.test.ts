import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isOfIptables, pair } from "../../../src/firewall/path/iptables-pairs.js";
import { parseSaved } from "../../../src/firewall/path/iptables-rules.js";
import { type NftTable, parseListing } from "../../../src/firewall/path/nft-listing.js";
import { parsePlain } from "../../../src/firewall/path/nft-plain.js";
import { nftBaseChains } from "../../../src/firewall/path/nft-rules.js";
import { walk } from "../../../src/firewall/path/walk.js";
import { DPORT, match, meta, NO_IPSETS, NO_SETS, packet, SADDR } from "./samples.js";

const DROP = { drop: null };
const XT = (name: string, type = "match") => ({ xt: { type, name } });

function tableOf(rules: readonly (readonly object[])[], name = "filter", chainName = "INPUT"): NftTable {
	const place = { family: "ip", table: name };
	const nftables = [
		{ table: { family: "ip", name, handle: 1 } },
		{
			chain: {
				...place,
				name: chainName,
				handle: 1,
				type: "filter",
				hook: "input",
				prio: 0,
				policy: "accept",
			},
		},
		...rules.map((expr, index) => ({ rule: { ...place, chain: chainName, handle: index + 2, expr } })),
	];
	const [table] = parseListing(JSON.stringify({ nftables }), parsePlain(""));
	assert.ok(table);
	return table;
}

function both(rules: readonly (readonly object[])[], lines: readonly string[]) {
	const table = tableOf(rules);
	const [saved] = parseSaved(
		["*filter", ":INPUT ACCEPT [0:0]", ":OUTPUT ACCEPT [0:0]", ...lines, "COMMIT"].join("\n"),
	);
	const pairs = pair(table, saved, NO_IPSETS, () => false);
	const chains = nftBaseChains([table], {
		lookupIn: () => NO_SETS,
		isOurs: () => false,
		better: (_, listed, rule) => pairs.better(listed, rule),
	});
	return {
		disagreements: pairs.disagreements,
		walked: walk(chains, packet()),
		text: chains[0]?.chain.rules[0]?.text,
	};
}

describe("a line of iptables-save", () => {
	test("completes what nft does not show", () => {
		const { disagreements, walked, text } = both(
			[[match(meta("l4proto"), "udp"), XT("multiport"), { counter: null }, DROP]],
			["-A INPUT -p udp -m multiport --dports 53,60001 -j DROP"],
		);
		assert.deepEqual(disagreements, []);
		assert.equal(walked.verdict, "drop");
		assert.equal(text, "-A INPUT -p udp -m multiport --dports 53,60001 -j DROP");
	});

	test("against fragments is what nft shows as their offset", () => {
		const offset = { "&": [{ payload: { protocol: "ip", field: "frag-off" } }, 0x1fff] };
		const { disagreements, walked } = both(
			[[match(meta("l4proto"), "udp"), { match: { op: "!=", left: offset, right: 0 } }, DROP]],
			["-A INPUT -p udp -f -j DROP"],
		);
		assert.deepEqual(disagreements, []);
		assert.equal(walked.verdict, "accept");
	});

	test("that hides a look-up in a set is found out, and nft believed", () => {
		const { disagreements, walked } = both([[match(SADDR, "@blocked"), DROP]], ["-A INPUT -j DROP"]);
		assert.equal(disagreements.length, 1);
		assert.match(disagreements[0] ?? "", /no words for `.*` of chain INPUT/);
		assert.equal(walked.verdict, "accept");
	});

	test("beside such a look-up is not compared: iptables was not asked", () => {
		const { disagreements } = both(
			[
				[match(SADDR, "@blocked"), DROP],
				[match(DPORT, 53), DROP],
			],
			["-A INPUT", "-A INPUT"],
		);
		assert.equal(disagreements.length, 1);
		assert.match(disagreements[0] ?? "", /has no words for/);
	});

	test("with another end, or more conditions than nft shows, is another rule", () => {
		assert.equal(
			both([[match(DPORT, 53), DROP]], ["-A INPUT -p udp -m udp --dport 53 -j ACCEPT"]).disagreements.length,
			1,
		);
		assert.equal(both([[DROP]], ["-A INPUT -p udp -j DROP"]).disagreements.length, 1);
		assert.equal(
			both([[XT("comment"), { jump: { target: "a" } }]], ["-A INPUT -m comment --comment x -j b"])
				.disagreements.length,
			1,
		);
		assert.equal(both([[XT("LOG", "target")]], ["-A INPUT -j LOG"]).disagreements.length, 0);
	});

	test("cannot loosen what nft shows", () => {
		const { walked } = both(
			[[match(DPORT, 53), XT("comment"), DROP]],
			["-A INPUT -p udp -m udp --dport 60001 -m comment --comment x -j DROP"],
		);
		assert.equal(walked.verdict, "accept");
	});
});

test("another number of rules, or no listing at all: nothing is completed", () => {
	const listed = [[match(meta("l4proto"), "udp"), XT("multiport"), DROP]];
	const fewer = both(listed, []);
	assert.match(fewer.disagreements[0] ?? "", /other rules in chain INPUT of table ip filter/);
	assert.equal(fewer.walked.verdict, "unknown");
	assert.match(
		pair(tableOf(listed), undefined, NO_IPSETS, () => false).disagreements[0] ?? "",
		/does not print table ip filter/,
	);
});

test("chains that iptables alone lists are the kernel's own, empty and open", () => {
	assert.deepEqual(both([], []).disagreements, []);
	assert.equal(both([], ["-A OUTPUT -j DROP"]).disagreements.length, 1);
});

test("a table is iptables' by the names of its base chains", () => {
	assert.equal(isOfIptables(tableOf([])), true);
	assert.equal(isOfIptables(tableOf([], "filter", "input")), false);
	assert.equal(isOfIptables(tableOf([], "mine", "INPUT")), false);
});
