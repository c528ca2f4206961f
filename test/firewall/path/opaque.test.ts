import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePlain } from "../../../src/firewall/path/nft-plain.js";
import { opaqueChain, opaqueRules, plainChains } from "../../../src/firewall/path/opaque.js";
import { walk } from "../../../src/firewall/path/walk.js";
import { PLAIN } from "../../support/nft-plain-text.js";
import { packet } from "./samples.js";

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

test("of a family that is not the datagram's, they do nothing to it", () => {
	const rules = opaqueRules("ip6tables", "refused", ["ipv6"]);
	assert.deepEqual(
		rules.map(({ hook, families }) => [hook, families]),
		[
			["input", ["ipv6"]],
			["output", ["ipv6"]],
		],
	);
	assert.equal(walk(rules, packet()).verdict, "accept");
	const [early] = parsePlain(PLAIN);
	assert.ok(early);
	for (const family of ["arp", "bridge"]) {
		assert.deepEqual(plainChains({ ...early, family }, "no JSON"), []);
	}
	assert.deepEqual(plainChains({ ...early, family: "ip6" }, "no JSON")[0]?.families, ["ipv6"]);
});

test("they are nobody's and say why", () => {
	const { chain, chains, table } = opaqueChain("mine", "input", "it is so", undefined, "first");
	assert.deepEqual(
		[table, chain.name, chain.rules.map(({ text, ours }) => [text, ours]), chains.get("first") === chain],
		["mine", "first", [["it is so", false]], true],
	);
});
