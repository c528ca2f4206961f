import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { findInsertionPoints } from "../../../src/firewall/nftables/insertion-point.js";
import {
	isEmpty,
	isIntact,
	ownedObjectsIn,
	relocate,
	strayElementsIn,
	strayRulesIn,
} from "../../../src/firewall/nftables/inspect.js";
import type { NftRule, NftTable } from "../../../src/firewall/nftables/ruleset.js";
import { droppingTable, match, portElement, recordedTable, rule } from "../../support/nft-tables.js";

/** The recorded table with the rules of one chain replaced. */
async function changed(chain: string, change: (rules: readonly NftRule[]) => NftRule[]): Promise<NftTable> {
	const table = await recordedTable();
	const found = table.chains.get(chain);
	assert.ok(found);
	return { ...table, chains: new Map([...table.chains, [chain, { ...found, rules: change(found.rules) }]]) };
}

function intact(table: NftTable): boolean {
	const [point] = findInsertionPoints([table]);
	assert.ok(point);
	return isIntact(point);
}

describe("our objects are intact", () => {
	test("as they were installed", async () => {
		assert.equal(intact(await recordedTable()), true);
	});

	test("not without the jump, with two of them, or with a rule between it and the drop", async () => {
		const jump = (rules: readonly NftRule[]) => rules.filter(({ handle }) => handle === 19);
		const others = (rules: readonly NftRule[]) => rules.filter(({ handle }) => handle !== 19);
		assert.equal(intact(await changed("input", others)), false);
		assert.equal(intact(await changed("input", (rules) => [...jump(rules), ...rules])), false);
		assert.equal(intact(await changed("input", (rules) => [...jump(rules), ...others(rules)])), false);
	});

	test("not with a lookup missing, in another order, or beside a foreign rule", async () => {
		for (const change of [
			(rules: readonly NftRule[]) => rules.slice(1),
			(rules: readonly NftRule[]) => [...rules].reverse(),
			(rules: readonly NftRule[]) => [...rules, rule(99, match("udp.dport", 53), { accept: null })],
		]) {
			assert.equal(intact(await changed("mosh_portguard", change)), false);
		}
	});

	test("not without one of the sets", async () => {
		const table = await recordedTable();
		const sets = new Map([...table.sets].filter(([name]) => name !== "mosh_portguard_6"));
		assert.equal(intact({ ...table, sets }), false);
	});
});

test("what is ours in a table is found by its names and tags", async () => {
	const table = await recordedTable();
	assert.deepEqual(ownedObjectsIn(table), {
		strayRules: [{ chain: "input", handle: 19 }],
		chainExists: true,
		sets: ["mosh_portguard_4", "mosh_portguard_6", "mosh_portguard_any"],
	});
	assert.deepEqual(strayRulesIn(table), [{ chain: "input", handle: 19 }]);
	assert.equal(isEmpty(ownedObjectsIn(table)), false);
	assert.equal(isEmpty(ownedObjectsIn(droppingTable([rule(1, { accept: null })]))), true);
});

test("elements of ours are strays in every set of the administrator's but the one in use", async () => {
	const table = await recordedTable();
	assert.deepEqual(strayElementsIn(table), [{ set: "mosh_ports", key: [60006] }]);
	assert.deepEqual(strayElementsIn(table, "mosh_ports"), []);
	const merged = {
		name: "m",
		type: ["inet_service"],
		flags: ["interval"],
		elements: [portElement("60001-60002", "mosh-portguard ::1")],
	};
	assert.deepEqual(strayElementsIn(droppingTable([], { sets: new Map([["m", merged]]) })), [
		{ set: "m", key: ["60001-60002"] },
	]);
});

test("an insertion point is found again in a newer listing, while its chain drops", async () => {
	const table = await recordedTable();
	const [point] = findInsertionPoints([table]);
	assert.ok(point);
	const newer = await changed("input", (rules) => [rule(99, { log: null }), ...rules]);
	assert.equal(relocate(point, newer)?.chain.rules.length, point.chain.rules.length + 1);
	const accepting = await changed("input", () => [rule(99, { accept: null })]);
	assert.equal(relocate(point, accepting), undefined);
});
