/** What a reading makes of hosts where iptables is missing or fails. */

import assert from "node:assert/strict";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, test } from "node:test";
import { readRules } from "../../../src/firewall/path/read.js";
import { toolName } from "../../../src/firewall/path/read-iptables.js";
import { RecordedCommands, withNet } from "../../support/recorded-host.js";
import { DROPPING, EMPTY, read } from "./reading.js";

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

	test("whose list in the kernel cannot be read: it is not known what they do, and that is told", async () => {
		const none = { missing: [], outputs: EMPTY, net: {} };
		await withNet(none, async (net) => {
			// Not even root reads a folder.
			await mkdir(join(net, "ip_tables_names"));
			const { facts, unread } = await readRules(new RecordedCommands(none), { net });
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
});

test("the tool is called as people call it", () => {
	assert.deepEqual([toolName("ipv4"), toolName("ipv6", "legacy")], ["iptables", "ip6tables-legacy"]);
});
