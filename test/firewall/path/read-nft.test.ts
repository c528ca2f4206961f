/** What a reading makes of hosts where nft is missing, fails or prints no JSON. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { DROPPING, JSON_LISTING, PLAIN_LISTING, read } from "./reading.js";

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
