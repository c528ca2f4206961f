/** Whether a table is one that iptables keeps, and whether it prints it as it is. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
	compareFilterTable,
	disagreementsWith,
	hasExtension,
	iptablesTables,
} from "../../../src/firewall/iptables/owned-tables.js";
import { type NftTable, parseRuleset } from "../../../src/firewall/nftables/ruleset.js";
import type { Commands } from "../../../src/system/commands.js";

const ACCEPT_UDP = [
	{ match: { op: "==", left: { meta: { key: "l4proto" } }, right: "udp" } },
	{ counter: { packets: 5, bytes: 140 } },
	{ accept: null },
];

/** The filter table as nft lists it, with these rules in INPUT. */
function listing(...rules: object[][]): string {
	const of = { family: "ip", table: "filter" };
	const base = { ...of, type: "filter", prio: 0, policy: "accept", handle: 1 };
	return JSON.stringify({
		nftables: [
			{ table: { family: "ip", name: "filter", handle: 1 } },
			{ chain: { ...base, name: "INPUT", hook: "input" } },
			{ chain: { ...base, name: "OUTPUT", hook: "output" } },
			...rules.map((expr, at) => ({ rule: { ...of, chain: "INPUT", handle: at + 5, expr } })),
		],
	});
}

/** As iptables-save prints it. */
const saved = (...rules: string[]) =>
	[
		"*filter",
		":INPUT ACCEPT [7:8]",
		":OUTPUT ACCEPT [0:0]",
		...rules.map((rule) => `-A INPUT ${rule}`),
		"COMMIT",
		"",
	].join("\n");

const tableOf = (...rules: object[][]) => parseRuleset(listing(...rules))[0] as NftTable;

/** A host whose tools print these. */
function host(nft: string | undefined, save: string | undefined): Commands {
	const has = (tool: string) => (tool === "nft" ? nft : save) !== undefined;
	return {
		find: async (tool: string) => (has(tool) ? `/usr/sbin/${tool}` : undefined),
		run: async (tool: string) => ({ stdout: (tool === "nft" ? nft : save) ?? "", stderr: "", exitCode: 0 }),
	} as Partial<Commands> as Commands;
}

test("a rule with a match of x_tables is one that only iptables writes", () => {
	assert.equal(hasExtension(tableOf([{ xt: { type: "match", name: "udp" } }, { accept: null }])), true);
	assert.equal(hasExtension(tableOf(ACCEPT_UDP)), false);
});

describe("both listings of a table", () => {
	test("agree where iptables prints each rule as nft does, whatever has been counted", () => {
		assert.deepEqual(disagreementsWith(tableOf(ACCEPT_UDP), saved("-p udp -j ACCEPT")), []);
	});

	test("disagree where a rule lacks its condition, or is not there", () => {
		for (const text of [saved("-j ACCEPT"), saved(), saved("-p udp -j ACCEPT", "-j DROP")]) {
			assert.equal(disagreementsWith(tableOf(ACCEPT_UDP), text).length > 0, true, text);
		}
	});
});

describe("a table is iptables' own", () => {
	const owned = async (commands: Commands, table: NftTable) => [...(await iptablesTables(commands, [table]))];

	test("when it has a rule that only iptables writes, without asking", async () => {
		const table = tableOf([{ xt: { type: "match", name: "udp" } }, { accept: null }]);
		assert.deepEqual(await owned(host(undefined, undefined), table), ["ip filter"]);
	});

	test("when iptables prints it as nft does", async () => {
		const commands = host(listing(ACCEPT_UDP), saved("-p udp -j ACCEPT"));
		assert.deepEqual(await owned(commands, tableOf(ACCEPT_UDP)), ["ip filter"]);
	});

	test("not when it prints other rules for as long as it is asked", async () => {
		const commands = host(listing(ACCEPT_UDP), saved("-j ACCEPT"));
		assert.deepEqual(await owned(commands, tableOf(ACCEPT_UDP)), []);
	});
});

describe("the filter table, compared", () => {
	const compared = (...of: Parameters<typeof host>) => compareFilterTable(host(...of), "ipv4");

	test("is the same, different with the reason, or not there", async () => {
		assert.deepEqual(await compared(listing(ACCEPT_UDP), saved("-p udp -j ACCEPT")), { kind: "same" });
		const different = await compared(listing(ACCEPT_UDP), saved("-j ACCEPT"));
		assert.equal(different.kind, "different");
		assert.deepEqual(await compared('{"nftables": []}', saved()), { kind: "absent" });
	});

	test("is taken for the same where there is nothing to compare with", async () => {
		assert.deepEqual(await compared(undefined, saved()), { kind: "same" });
		assert.deepEqual(await compared("JSON support not compiled-in", saved()), { kind: "same" });
		assert.deepEqual(await compared(listing(ACCEPT_UDP), undefined), { kind: "same" });
	});
});
