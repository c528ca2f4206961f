/** What a reading makes of hosts where tools are missing or fail. */

import assert from "node:assert/strict";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { judge } from "../../../src/firewall/path/judge.js";
import { readLegacyNames } from "../../../src/firewall/path/legacy-names.js";
import { readRules } from "../../../src/firewall/path/read.js";
import { type HostRecord, RecordedCommands, withNet } from "../../support/recorded-host.js";

const JSON_LISTING = "nft -j -t list ruleset";
const PLAIN_LISTING = "nft -t -a list ruleset";
const EMPTY = { [JSON_LISTING]: { stdout: '{"nftables": []}' }, [PLAIN_LISTING]: { stdout: "" } };
const DROPPING = "*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\nCOMMIT\n";

async function read(record: Partial<HostRecord>) {
	const whole = { missing: [], outputs: {}, net: {}, ...record };
	const commands = new RecordedCommands(whole);
	return withNet(whole, async (net) => {
		const rules = await readRules(commands, { net });
		const ways = [{ interface: "eth0", family: "ipv4", address: "10.77.0.1" }] as const;
		const { verdict } = await judge(rules, { ways, ports: { first: 60_001, last: 60_001 } });
		return { rules, verdict, codes: rules.facts.map(({ code }) => code), lines: commands.lines };
	});
}

test("a host without rules is open, and asks no tool that has nothing to tell", async () => {
	const { verdict, codes, lines } = await read({ outputs: EMPTY });
	assert.deepEqual([verdict, codes], ["accept", []]);
	assert.deepEqual(lines.sort(), [JSON_LISTING, PLAIN_LISTING]);
});

describe("nftables", () => {
	const refused = (words: string) => ({
		[JSON_LISTING]: { failure: words },
		[PLAIN_LISTING]: { failure: words },
	});

	test("not in the kernel: nothing is there, and what else is there counts", async () => {
		const { verdict, codes } = await read({
			outputs: {
				...refused("Unable to initialize Netlink socket: Protocol not supported"),
				"iptables-legacy-save": { stdout: DROPPING },
			},
			net: { ip_tables_names: "filter\n" },
		});
		assert.deepEqual([verdict, codes], ["drop", ["not-in-kernel"]]);
	});

	test("not to be read: it may drop", async () => {
		const { verdict, codes, rules } = await read({
			outputs: refused("Operation not permitted (you must be root)"),
		});
		assert.deepEqual([verdict, codes], ["unknown", ["tool-failed"]]);
		assert.deepEqual(
			rules.unread.map(({ counts }) => counts),
			[true],
		);
	});

	test("missing beside iptables over nf_tables: its rules are read, others may be there", async () => {
		const { verdict, codes, rules } = await read({
			missing: ["nft"],
			outputs: { "iptables-nft-save": { stdout: DROPPING }, "ip6tables-nft-save": { stdout: "" } },
		});
		assert.deepEqual([verdict, codes], ["drop", ["tool-missing"]]);
		assert.deepEqual(
			rules.unread.map(({ counts }) => counts),
			[false],
		);
	});

	test("missing, with a table that iptables cannot print: not known", async () => {
		const { verdict } = await read({
			missing: ["nft"],
			outputs: {
				"iptables-nft-save": { stdout: "# Table `filter' is incompatible, use 'nft' tool.\n" },
				"ip6tables-nft-save": { stdout: "" },
			},
		});
		assert.equal(verdict, "unknown");
	});

	const mine =
		"table inet mine { # handle 1\n\tchain input { # handle 1\n\t\ttype filter hook input priority filter; policy drop;\n\t\ttcp dport 22 accept # handle 2\n\t}\n}";

	test("without JSON: a table of the administrator's own may drop, a dormant one does not", async () => {
		const outputs = (plain: string) => ({
			[JSON_LISTING]: { failure: "JSON support not compiled-in" },
			[PLAIN_LISTING]: { stdout: plain },
		});
		const awake = await read({ outputs: outputs(mine) });
		assert.deepEqual([awake.verdict, awake.codes], ["unknown", ["no-json"]]);
		const dormant = await read({ outputs: outputs(mine.replace("\tchain", "\tflags dormant\n\n\tchain")) });
		assert.equal(dormant.verdict, "accept");
	});

	test("whose JSON breaks off: each table is asked for by its name", async () => {
		const rule = { family: "inet", table: "mine", chain: "input", handle: 2, expr: [{ drop: null }] };
		const chain = {
			family: "inet",
			table: "mine",
			name: "input",
			handle: 1,
			type: "filter",
			hook: "input",
			prio: 0,
			policy: "accept",
		};
		const table = { nftables: [{ table: { family: "inet", name: "mine" } }, { chain }, { rule }] };
		const { verdict, codes } = await read({
			outputs: {
				[JSON_LISTING]: { stdout: '{"nftables": [{"table": {"flags": ' },
				[PLAIN_LISTING]: { stdout: `table inet old { # handle 9\n\tflags dormant\n}\n${mine}` },
				"nft -j -t list table inet mine": { stdout: JSON.stringify(table) },
			},
		});
		assert.deepEqual([verdict, codes], ["drop", []]);
	});
});

describe("iptables-legacy", () => {
	test("has tables that nothing lists: they may drop", async () => {
		const { verdict, codes } = await read({
			missing: ["iptables-legacy-save", "iptables-save"],
			outputs: EMPTY,
			net: { ip_tables_names: "filter\n" },
		});
		assert.deepEqual([verdict, codes], ["unknown", ["tool-missing"]]);
	});

	test("is found under its plain name, where that is the legacy one", async () => {
		const { verdict } = await read({
			missing: ["iptables-legacy-save"],
			outputs: {
				...EMPTY,
				"iptables-save -V": { stdout: "iptables-save v1.6.1" },
				"iptables-save": { stdout: DROPPING },
			},
			net: { ip_tables_names: "filter\n" },
		});
		assert.equal(verdict, "drop");
	});

	test("that fails may drop, and of the other family says nothing", async () => {
		const { verdict } = await read({
			outputs: {
				...EMPTY,
				"iptables-legacy-save": { failure: "Another app is currently holding the xtables lock." },
			},
			net: { ip_tables_names: "filter\n" },
		});
		assert.equal(verdict, "unknown");
		const other = await read({
			outputs: { ...EMPTY, "ip6tables-legacy-save": { failure: "lock" } },
			net: { ip6_tables_names: "filter\n" },
		});
		assert.equal(other.verdict, "accept");
	});
});

describe("the kernel's list of legacy tables", () => {
	const NONE = { missing: [], outputs: EMPTY, net: {} };

	test("that cannot be read makes unknown what they do, and is told", async () => {
		await withNet(NONE, async (net) => {
			// Not even root reads a folder.
			await mkdir(join(net, "ip_tables_names"));
			const { facts, unread } = await readRules(new RecordedCommands(NONE), { net });
			assert.deepEqual(
				facts.map(({ code }) => code),
				["not-permitted"],
			);
			assert.deepEqual(
				unread.map(({ what, counts }) => [what, counts]),
				[["the tables of iptables-legacy", true]],
			);
		});
	});

	for (const [modules, expected] of [
		["x_tables 65536 1 ip_tables, Live 0x0\nip_tables 32768 0 - Live 0x0\n", { names: [] }],
		["iptable_nat 16384 0 - Live 0x0\nip_tables 32768 1 iptable_nat, Live 0x0\n", { unreadable: true }],
		["nf_tables 400000 0 - Live 0x0\n", { unreadable: true }],
	] as const) {
		test(`is not missed where no module has made a table: ${modules.split("\n")[0]}`, async () => {
			await withNet(NONE, async (net) => {
				await mkdir(join(net, "ip_tables_names"));
				await writeFile(join(net, "modules"), modules);
				assert.deepEqual(await readLegacyNames("ipv4", net, join(net, "modules")), expected);
				assert.deepEqual(await readLegacyNames("ipv6", net, join(net, "modules")), { names: [] });
			});
		});
	}
});
