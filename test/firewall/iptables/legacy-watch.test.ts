import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { watchLegacyTables } from "../../../src/firewall/iptables/legacy-watch.js";
import { FakeIptables } from "../../support/fake-iptables.js";
import { withNet } from "../../support/recorded-host.js";
import { sleep, until } from "../../support/wait.js";

test("a watch on all of iptables-legacy lists nothing where there is nothing, and tells of tables and rules of others", async () => {
	await withNet({ missing: [], outputs: {}, net: {} }, async (net) => {
		const commands = new FakeIptables(["legacy"]);
		const causes: string[] = [];
		const watch = watchLegacyTables(commands, (cause) => causes.push(cause), { net, pollMs: 1 });
		await sleep(20);
		assert.deepEqual([commands.ran, causes], [[], []]);
		commands.load("iptables-legacy", "*filter", ":INPUT DROP [0:0]", "COMMIT");
		await writeFile(join(net, "ip_tables_names"), "filter\n");
		await until("the table is noticed", () => causes.length === 1);
		commands.edit("iptables-legacy", "*filter", "-A INPUT -p udp -j DROP", "COMMIT");
		await until("the rule is noticed", () => causes.length === 2);
		commands.edit("iptables-legacy", "*filter", "-A INPUT -p udp -j MOSH-PORTGUARD", "COMMIT");
		const looks = commands.ran.length;
		await until("it has looked twice", () => commands.ran.length > looks + 1);
		assert.equal(causes.length, 2, "our own");
		await watch.stop();
	});
});
