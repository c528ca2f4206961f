import assert from "node:assert/strict";
import { test } from "node:test";
import {
	isJump,
	isLookup,
	isManaged,
	isManagedElement,
	ownElement,
	ownSetsFor,
} from "../../../src/firewall/nftables/owned-objects.js";
import { match, portElement, recordedTable, rule } from "../../support/nft-tables.js";
import { v4, v6 } from "../conformance.js";

test("an opening has its element in the set of its family, or in the one for every address", () => {
	const both = ["ipv4", "ipv6"] as const;
	assert.deepEqual(ownElement(v4(60001), both), { set: "mosh_portguard_4", key: ["10.77.0.1", 60001] });
	assert.deepEqual(ownElement(v6(60001), both), { set: "mosh_portguard_6", key: ["fd77::1", 60001] });
	assert.deepEqual(ownElement(v6(60001, "::"), both), { set: "mosh_portguard_any", key: ["ipv6", 60001] });
	assert.deepEqual(
		ownSetsFor(["ipv4"]).map(({ name }) => name),
		["mosh_portguard_4", "mosh_portguard_any"],
	);
});

test("in a table of one family no rule and no element names the family, which nft would refuse", () => {
	assert.deepEqual(ownElement(v6(60001, "::"), ["ipv6"]), { set: "mosh_portguard_any", key: [60001] });
	const any = ownSetsFor(["ipv6"]).find(({ name }) => name === "mosh_portguard_any");
	assert.deepEqual([any?.key, any?.type], ["udp dport", ["inet_service"]]);
});

test("a rule is ours by its tag or its target, a jump only if it is exactly what was built", async () => {
	const jump = (await recordedTable()).chains.get("input")?.rules.find(isManaged);
	assert.ok(jump);
	assert.equal(isJump(jump), true);
	const target = { jump: { target: "mosh_portguard" } };
	for (const other of [
		{ ...jump, statements: [target] },
		{ ...jump, comment: undefined },
		{ ...rule(1, match("udp.dport", 60001), { accept: null }), comment: "mosh-portguard" },
		rule(1, { goto: { target: "mosh_portguard" } }),
	]) {
		assert.deepEqual([isManaged(other), isJump(other)], [true, false]);
	}
	assert.equal(isManaged(rule(1, { jump: { target: "services" } })), false);
});

test("a lookup is for one set and accepts", async () => {
	const [first] = (await recordedTable()).chains.get("mosh_portguard")?.rules ?? [];
	assert.ok(first);
	assert.equal(isLookup(first, "mosh_portguard_4"), true);
	assert.equal(isLookup(first, "mosh_portguard_6"), false);
	assert.equal(
		isLookup({ ...first, statements: [...first.statements.slice(0, 1), { drop: null }] }, "mosh_portguard_4"),
		false,
	);
});

test("an element is ours by the first word of its comment", () => {
	assert.equal(isManagedElement(portElement(60001, "mosh-portguard 10.77.0.1,fd77::1")), true);
	assert.equal(isManagedElement(portElement(60001, "mosh-portguard")), true);
	for (const comment of [undefined, "mosh", "mosh-portguards", "my mosh-portguard"]) {
		assert.equal(isManagedElement(portElement(60001, comment)), false, comment);
	}
});
