/** What every nftables ruleset of an administrator's is promised, and one of several tables that drop. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Nftables } from "../../../src/firewall/nftables/nftables.js";
import { labMissing, SERVER4, startLab } from "../../lab/hosts.js";
import { conformance, v4 } from "../conformance.js";
import {
	listNft,
	loadRuleset,
	nftablesRangesSubject,
	nftablesSetSubject,
	nftablesSubject,
} from "./subject.js";

await conformance(nftablesSubject);
await conformance(nftablesSetSubject);
await conformance(nftablesRangesSubject);

test("a port that is left in one of two tables is not listed, and closed there", {
	skip: (await labMissing("nft")) ?? false,
}, async () => {
	const lab = await startLab();
	try {
		const table = (name: string) =>
			`table inet ${name} {\nchain input {\ntype filter hook input priority filter; policy drop;\nudp dport 7 accept\n}\n}\n`;
		await loadRuleset(lab, `flush ruleset\n${table("one")}${table("two")}`);
		const firewall = new Nftables(lab.server.commands);
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v4(60002)], close: [] });
		await lab.server.sh("nft delete element inet two mosh_portguard_4 '{ 10.77.0.1 . 60001 }'");
		assert.deepEqual(await firewall.list(), [v4(60002)]);
		assert.deepEqual(await firewall.repair(), [v4(60002)]);
		assert.equal((await listNft(lab)).includes("10.77.0.1 . 60001"), false);
		await firewall.apply({ open: [v4(60001)], close: [] });
		assert.equal(await lab.isOpen(SERVER4, 60001), true);
	} finally {
		await lab.stop();
	}
});
