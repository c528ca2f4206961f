import assert from "node:assert/strict";
import { test } from "node:test";
import { readAllTables, readTables, tool } from "../../../src/firewall/iptables/variant.js";
import { FakeIptables } from "../../support/fake-iptables.js";

test("each family and variant has commands of its own", () => {
	assert.equal(tool("ipv4", "nft", "save"), "iptables-nft-save");
	assert.equal(tool("ipv6", "legacy", "restore"), "ip6tables-legacy-restore");
});

test("only variants that are installed are read, both families of each", async () => {
	const commands = new FakeIptables(["legacy"]);
	commands.load("ip6tables-legacy", ":INPUT DROP [0:0]");
	const tables = await readAllTables(commands);
	assert.deepEqual(Object.keys(tables), ["legacy"]);
	assert.equal(tables.legacy?.ipv4.size, 0);
	assert.equal(tables.legacy?.ipv6.get("INPUT")?.policy, "DROP");
	assert.deepEqual(commands.ran, ["iptables-legacy-save", "ip6tables-legacy-save"]);
});

test("the legacy command is not given a table, which it would create", async () => {
	const commands = new FakeIptables();
	await readTables(commands, "legacy");
	await readTables(commands, "nft");
	assert.deepEqual(commands.args.get("iptables-legacy-save"), []);
	assert.deepEqual(commands.args.get("iptables-nft-save"), ["-t", "filter"]);
});
