import assert from "node:assert/strict";
import { describe, test } from "node:test";
import type { Opening } from "../../../src/firewall/firewall.js";
import {
	droppingChains,
	findInsertionPoints,
	type InsertionPoint,
} from "../../../src/firewall/nftables/insertion-point.js";
import type { NftChain, NftRule, NftTable } from "../../../src/firewall/nftables/ruleset.js";
import { droppingTable, match, recordedTables, rule } from "../../support/nft-tables.js";
import { v4 } from "../conformance.js";
import { decisionFor } from "./walked.js";

function only<T>(items: readonly T[]): T {
	assert.equal(items.length, 1);
	return items[0] as T;
}

const where = ({ chain, before }: InsertionPoint) => [chain.name, before?.handle];

describe("a recorded ruleset", () => {
	test("has one chain that drops, and the point is before the log rule of its last reject", async () => {
		const tables = await recordedTables();
		assert.deepEqual(
			droppingChains(tables).map(({ table, chain }) => `${table.name} ${chain.name}`),
			["filter input"],
		);
		const point = only(findInsertionPoints(tables));
		assert.deepEqual(point.families, ["ipv4", "ipv6"]);
		assert.deepEqual(where(point), ["input", 20]);
	});

	test("tells which rule decides, through chains, ranges and sets", async () => {
		const { table, base } = only(findInsertionPoints(await recordedTables()));
		const decide = (opening: Opening) => decisionFor(table, base, opening);
		assert.equal(decide(v4(60150)), "services accept");
		assert.equal(decide(v4(60901)), "services drop");
		assert.equal(decide(v4(60001)), "mosh_portguard accept");
		assert.equal(decide(v4(60002)), "input drop");
		assert.equal(decide({ family: "ipv6", address: "::", port: 60002 }), "mosh_portguard accept");
	});
});

describe("the insertion point", () => {
	const chain = (name: string, ...rules: NftRule[]): [string, NftChain] => [
		name,
		{ name, hook: undefined, type: undefined, policy: undefined, rules },
	];
	const pointIn = (rules: readonly NftRule[], ...chains: [string, NftChain][]) => {
		const table = droppingTable(rules);
		return where(only(findInsertionPoints([{ ...table, chains: new Map([...table.chains, ...chains]) }])));
	};
	const jump = (target: string, kind = "jump") => ({ [kind]: { target } });

	test("is the end of a chain whose policy drops", () => {
		assert.deepEqual(pointIn([rule(1, match("udp.dport", 53), { accept: null })]), ["input", undefined]);
	});

	test("is before the first rule that drops everything", () => {
		const rules = [
			rule(1, match("ip.saddr", "192.0.2.1"), { drop: null }),
			rule(2, { drop: null }),
			rule(3, { drop: null }),
		];
		assert.deepEqual(pointIn(rules), ["input", 2]);
	});

	test("is inside the chain that drops, when a rule for everything leads there", () => {
		const inner = chain("tail", rule(7, match("udp.dport", 53), { accept: null }), rule(8, { drop: null }));
		assert.deepEqual(pointIn([rule(1, jump("tail"))], inner), ["tail", 8]);
		assert.deepEqual(pointIn([rule(1, jump("tail", "goto"))], chain("tail", rule(7, { log: null }))), [
			"tail",
			undefined,
		]);
	});

	test("is after a chain that leaves everything to what follows, and no circle is followed", () => {
		const returning = chain("some", rule(7, { return: null }));
		assert.deepEqual(pointIn([rule(1, jump("some")), rule(2, { drop: null })], returning), ["input", 2]);
		assert.deepEqual(pointIn([rule(1, jump("a")), rule(2, { drop: null })], chain("a", rule(7, jump("a")))), [
			"input",
			2,
		]);
	});
});

describe("where several chains drop", () => {
	test("each table has its insertion point", () => {
		const points = findInsertionPoints([
			droppingTable([], { name: "one" }),
			droppingTable([rule(4, { drop: null })], { name: "two", family: "ip" }),
		]);
		assert.deepEqual(
			points.map(({ table, before }) => [table.name, before?.handle]),
			[
				["one", undefined],
				["two", 4],
			],
		);
	});

	test("two of one table have a position each", () => {
		const table = droppingTable([rule(4, { drop: null })]);
		const input = table.chains.get("input") as NftChain;
		const chains = new Map([...table.chains, ["late", { ...input, name: "late", rules: [] }]]);
		const point = only(findInsertionPoints([{ ...table, chains }]));
		assert.deepEqual(
			[point, ...point.also].map(({ chain, before }) => [chain.name, before?.handle]),
			[
				["input", 4],
				["late", undefined],
			],
		);
	});

	test("a table switched off drops nothing", () => {
		const [point, ...more] = findInsertionPoints([
			droppingTable([], { name: "old", flags: ["dormant"] }),
			droppingTable(),
		]);
		assert.deepEqual([point?.table.name, more], ["filter", []]);
	});
});

describe("what cannot be opened is refused with a reason", () => {
	const tableWith = (over: Partial<NftTable>) => droppingTable([], over);

	test("nothing drops", () => {
		assert.throws(() => findInsertionPoints([]), { code: "not-in-force" });
	});

	test("one chain each for IPv4 and IPv6 is no tie", () => {
		const points = findInsertionPoints([tableWith({ family: "ip" }), tableWith({ family: "ip6" })]);
		assert.deepEqual(
			points.map(({ families }) => families),
			[["ipv4"], ["ipv6"]],
		);
	});

	test("the table belongs to another program", () => {
		for (const over of [{ flags: ["owner", "persist"] }, { name: "firewalld" }]) {
			assert.throws(() => findInsertionPoints([tableWith(over)]), { code: "owned-by-other" });
		}
	});
});
