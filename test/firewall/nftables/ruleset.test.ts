import assert from "node:assert/strict";
import { describe, test } from "node:test";
import fc from "fast-check";
import type { Opening } from "../../../src/firewall/firewall.js";
import {
	decidingRule,
	droppingChains,
	findInsertionPoints,
} from "../../../src/firewall/nftables/insertion-point.js";
import { outcomeOf } from "../../../src/firewall/nftables/match.js";
import { type NftTable, parseRuleset } from "../../../src/firewall/nftables/ruleset.js";
import { AdminStore, LEASE_S, OwnStore } from "../../../src/firewall/nftables/store.js";
import { anyOpening } from "../../support/openings.js";
import { recorded } from "../../support/recorded.js";

const ruleset = async () => parseRuleset(await recorded("nft-ruleset.json"));

function only<T>(items: readonly T[]): T {
	assert.equal(items.length, 1);
	return items[0] as T;
}

describe("a recorded ruleset", () => {
	test("has one chain that drops, and the place is before the log rule of its last reject", async () => {
		const tables = await ruleset();
		assert.deepEqual(
			droppingChains(tables).map(({ table, chain }) => `${table.name} ${chain.name}`),
			["filter input"],
		);
		const point = only(findInsertionPoints(tables));
		assert.deepEqual(point.families, ["ipv4", "ipv6"]);
		assert.deepEqual(Object.keys(point.before?.statements[1] ?? {}), ["log"]);
	});

	test("tells which rule decides, through chains, ranges and sets", async () => {
		const { table, base } = only(findInsertionPoints(await ruleset()));
		const decide = (opening: Opening) => {
			const deciding = decidingRule(table, base, new Set(), opening);
			return deciding && `${deciding.chain.name} ${outcomeOf(deciding.rule, table, opening)?.do}`;
		};
		const v4 = (port: number): Opening => ({ family: "ipv4", address: "10.77.0.1", port });
		assert.equal(decide(v4(60150)), "services accept");
		assert.equal(decide(v4(60901)), "services drop");
		assert.equal(decide(v4(60001)), "mosh_portguard accept");
		assert.equal(decide(v4(60002)), "input drop");
		assert.equal(decide({ family: "ipv6", address: "::", port: 60002 }), "mosh_portguard accept");
	});

	test("lists our openings in our sets and in the admin's, and leaves his own element alone", async () => {
		const point = only(findInsertionPoints(await ruleset()));
		assert.deepEqual(new OwnStore(point, LEASE_S).read(point.table), [
			{ family: "ipv4", address: "10.77.0.1", port: 60001 },
			{ family: "ipv6", address: "::", port: 60002 },
		]);
		const store = new AdminStore(point, "mosh_ports", LEASE_S);
		assert.deepEqual(store.read(point.table), [
			{ family: "ipv4", address: "10.77.0.1", port: 60006 },
			{ family: "ipv6", address: "fd77::1", port: 60006 },
		]);
		assert.deepEqual(store.close([{ family: "ipv4", address: "10.77.0.1", port: 60005 }], point.table), []);
		assert.deepEqual(store.close([{ family: "ipv4", address: "10.77.0.1", port: 60006 }], point.table), [
			"delete element inet filter mosh_ports { 60006 }",
			'add element inet filter mosh_ports { 60006 timeout 210s comment "mosh-portguard fd77::1" }',
		]);
		assert.equal(store.renew(point.table).length, 2);
	});
});

describe("what cannot be opened is refused with a reason", () => {
	const tableWith = (over: Partial<NftTable>): NftTable => ({
		family: "inet",
		name: "filter",
		flags: [],
		chains: new Map([["input", { name: "input", hook: "input", type: "filter", policy: "drop", rules: [] }]]),
		sets: new Map(),
		...over,
	});

	test("nothing drops", () => {
		assert.throws(() => findInsertionPoints([]), { code: "not-in-force" });
	});

	test("two chains drop the same family", () => {
		const tables = [tableWith({ name: "one" }), tableWith({ name: "two", family: "ip" })];
		assert.throws(() => findInsertionPoints(tables), {
			code: "ambiguous",
			message: /ipv4.*inet one input, ip two input/,
		});
	});

	test("one chain each for IPv4 and IPv6 is no tie", () => {
		const points = findInsertionPoints([tableWith({ family: "ip" }), tableWith({ family: "ip6" })]);
		assert.deepEqual(
			points.map(({ families }) => families),
			[["ipv4"], ["ipv6"]],
		);
	});

	test("the table belongs to another program", () => {
		assert.throws(() => findInsertionPoints([tableWith({ flags: ["owner", "persist"] })]), {
			code: "owned-by-other",
		});
		assert.throws(() => findInsertionPoints([tableWith({ name: "firewalld" })]), { code: "owned-by-other" });
	});
});

test("listings that are none are refused", () => {
	for (const text of ["", "{}", "[]", '{"nftables": 1}']) {
		assert.throws(() => parseRuleset(text), { code: "tool-failed" });
	}
});

test("every opening in a set of ours is read back", async () => {
	const point = only(findInsertionPoints(await ruleset()));
	fc.assert(
		fc.property(
			fc.uniqueArray(anyOpening, { selector: (opening) => JSON.stringify(opening) }),
			(openings) => {
				const store = new OwnStore(point, LEASE_S);
				const elements = store.open(openings).map((line) => {
					const [, set = "", key = ""] =
						/^add element inet filter (\S+) \{ (.*) timeout 210s comment "mosh-portguard" \}$/.exec(line) ??
						[];
					const parts = key.split(" . ");
					return {
						set,
						element: { key: [parts[0] ?? "", Number(parts[1])], comment: "mosh-portguard", expires: 210 },
					};
				});
				const sets = new Map(
					[...point.table.sets.values()].map((set) => [
						set.name,
						{
							...set,
							elements: elements.filter((entry) => entry.set === set.name).map(({ element }) => element),
						},
					]),
				);
				const read = store.read({ ...point.table, sets });
				assert.deepEqual(
					new Set(read.map((o) => JSON.stringify(o))),
					new Set(openings.map((o) => JSON.stringify(o))),
				);
			},
		),
	);
});
