import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { parseRuleset } from "../../../src/firewall/nftables/ruleset.js";
import { recordedTables } from "../../support/nft-tables.js";

describe("a recorded listing", () => {
	test("has the tables, chains and rules in their order", async () => {
		const tables = await recordedTables();
		assert.deepEqual(
			tables.map(({ family, name, chains }) => [family, name, ...chains.keys()]),
			[
				["inet", "filter", "mosh_portguard", "services", "input"],
				["inet", "other", "input"],
			],
		);
		const input = tables[0]?.chains.get("input");
		assert.deepEqual([input?.hook, input?.type, input?.policy], ["input", "filter", "drop"]);
		assert.deepEqual(
			input?.rules.map(({ handle }) => handle),
			[14, 16, 17, 18, 19, 20, 21],
		);
		assert.equal(tables[0]?.chains.get("services")?.hook, undefined);
	});

	test("has elements with and without comment and timeout, in sets of one part and of several", async () => {
		const sets = (await recordedTables())[0]?.sets;
		assert.deepEqual(sets?.get("mosh_ports"), {
			name: "mosh_ports",
			type: ["inet_service"],
			flags: ["timeout"],
			elements: [
				{ key: [60005], comment: undefined, expires: undefined },
				{ key: [60006], comment: "mosh-portguard 10.77.0.1,fd77::1", expires: 59 },
			],
		});
		assert.deepEqual(sets?.get("mosh_portguard_4")?.elements[0]?.key, ["10.77.0.1", 60001]);
		assert.deepEqual(sets?.get("mosh_portguard_6")?.elements, []);
	});
});

test("a range of ports is read as text", () => {
	const set = (elem: unknown) => ({
		set: { family: "inet", table: "t", name: "s", type: "inet_service", elem },
	});
	const listing = {
		nftables: [
			{ table: { family: "inet", name: "t", flags: "owner" } },
			set([{ elem: { val: { range: [60001, 60002] }, comment: "mosh-portguard 10.77.0.1" } }]),
		],
	};
	const [table] = parseRuleset(JSON.stringify(listing));
	assert.deepEqual(table?.flags, ["owner"]);
	assert.deepEqual(table?.sets.get("s")?.elements[0]?.key, ["60001-60002"]);
});

test("objects this program does not need, and rules of chains that are not listed, are skipped", () => {
	const listing = {
		nftables: [
			{ map: { family: "inet", table: "t", name: "m" } },
			{ rule: { family: "inet", table: "gone", chain: "input", handle: 1, expr: [] } },
			{ table: { family: "ip", name: "t" } },
		],
	};
	assert.deepEqual(
		parseRuleset(JSON.stringify(listing)).map(({ name, chains, sets }) => [name, chains.size, sets.size]),
		[["t", 0, 0]],
	);
});

test("listings that are none are refused", () => {
	for (const text of ["", "{}", "[]", '{"nftables": 1}']) {
		assert.throws(() => parseRuleset(text), { code: "tool-failed" });
	}
});
