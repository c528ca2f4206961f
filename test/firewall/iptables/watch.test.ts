import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createIptables } from "../../../src/firewall/iptables/iptables.js";
import { type Lab, labMissing, startLab } from "../../lab/hosts.js";
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
