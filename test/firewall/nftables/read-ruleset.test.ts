/** Reading the rules of nftables where its JSON is not all there is. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { readRuleset, readTable, withoutDormant } from "../../../src/firewall/nftables/read-ruleset.js";
import type { Commands } from "../../../src/system/commands.js";

const TABLE = JSON.stringify({ nftables: [{ table: { family: "inet", name: "mine", handle: 1 } }] });
const BROKEN = '{"nftables": [{"table": {"flags": ';
const PLAIN = "table inet old {\n\tflags dormant\n}\ntable inet mine {\n}\n";

/** Commands by their line; one that is not named answers 1. */
function host(outputs: Readonly<Record<string, string>>) {
	const lines: string[] = [];
	const commands = {
		run: async (tool: string, args: readonly string[]) => {
			const line = [tool, ...args].join(" ");
			lines.push(line);
			const stdout = outputs[line];
			return { stdout: stdout ?? "", stderr: "", exitCode: stdout === undefined ? 1 : 0 };
		},
	} as Partial<Commands> as Commands;
	return { commands, lines };
}

const namesOf = (tables: readonly { readonly name: string }[]) => tables.map(({ name }) => name);

describe("the ruleset", () => {
	test("is read by one command, without the elements of sets", async () => {
		const { commands, lines } = host({ "nft -t -j list ruleset": TABLE });
		assert.deepEqual(namesOf(await readRuleset(commands)), ["mine"]);
		assert.deepEqual(lines, ["nft -t -j list ruleset"]);
	});

	test("is read table by table where nft breaks off at a dormant one", async () => {
		const { commands } = host({
			"nft -t -j list ruleset": BROKEN,
			"nft -t list ruleset": PLAIN,
			"nft -t -j list table inet mine": TABLE,
		});
		assert.deepEqual(namesOf(await readRuleset(commands)), ["mine"]);
	});

	test("that is broken for another reason is an error", async () => {
		const { commands } = host({
			"nft -t -j list ruleset": BROKEN,
			"nft -t list ruleset": "table inet mine {\n}\n",
			"nft -t -j list table inet mine": TABLE,
		});
		await assert.rejects(readRuleset(commands), { name: "FirewallError" });
	});
});

test("a table that is gone meanwhile is undefined", async () => {
	const { commands } = host({ "nft -t -j list ruleset": TABLE });
	const [seen] = await readRuleset(commands);
	assert.ok(seen);
	assert.equal(await readTable(commands, seen), undefined);
	const there = host({ "nft -j list table inet mine": TABLE });
	assert.equal((await readTable(there.commands, seen))?.name, "mine");
});

test("tables that are switched off are left out", async () => {
	const { commands } = host({ "nft -t -j list ruleset": TABLE, "nft -t list ruleset": PLAIN });
	const [mine] = await readRuleset(commands);
	assert.ok(mine);
	assert.deepEqual(namesOf(await withoutDormant(commands, [mine, { ...mine, name: "old" }])), ["mine"]);
});
