import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { createIptables } from "../../../src/firewall/iptables/iptables.js";
import { watchLegacyTables } from "../../../src/firewall/iptables/legacy-watch.js";
import { type Lab, labMissing, startLab } from "../../lab/hosts.js";
import { FakeIptables } from "../../support/fake-iptables.js";
import { withNet } from "../../support/recorded-host.js";
import { sleep, until } from "../../support/wait.js";
import { v4 } from "../conformance.js";
import { restoreAdminRules } from "./subject.js";

const POLL_MS = 100;

describe("a watch on x_tables, which have no events", {
	skip: (await labMissing("iptables-legacy")) ?? false,
}, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
		await restoreAdminRules(lab, "legacy");
	});
	after(() => lab?.stop());

	test("says nothing of our own changes and notices a restore to the rules from before them", async () => {
		const firewall = createIptables(lab.server.commands, { pollMs: POLL_MS });
		const causes: string[] = [];
		const watch = await firewall.watch((cause) => causes.push(cause));
		await firewall.repair();
		await firewall.apply({ open: [v4(60001)], close: [] });
		causes.length = 0;
		await sleep(4 * POLL_MS);
		await firewall.apply({ open: [v4(60002)], close: [v4(60001)] });
		await sleep(4 * POLL_MS);
		assert.deepEqual(causes, []);
		await restoreAdminRules(lab, "legacy");
		await until("noticed", () => causes.length > 0, { pollMs: POLL_MS });
		await firewall.repair();
		await firewall.apply({ open: [v4(60002)], close: [] });
		await sleep(4 * POLL_MS);
		causes.length = 0;
		// It may shut a port, whatever becomes of our rules.
		await lab.server.sh("iptables-legacy -I INPUT -p udp --dport 60002 -j DROP");
		await until("a rule of the administrator's noticed", () => causes.length > 0, { pollMs: POLL_MS });
		await watch.stop();
	});
});

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
