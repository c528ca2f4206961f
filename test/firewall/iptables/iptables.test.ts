import assert from "node:assert/strict";
import { test } from "node:test";
import { createFirewall } from "../../../src/firewall/create.js";
import { detect } from "../../../src/firewall/detect.js";
import { SavesByNft } from "../../../src/firewall/iptables/saves-by-nft.js";
import { SharedSaves } from "../../../src/firewall/iptables/shared-saves.js";
import { labMissing, SERVER4, startLab } from "../../lab/hosts.js";
import { conformance, v4 } from "../conformance.js";
import { iptablesSetsSubject, iptablesSubject } from "./subject.js";

await conformance(iptablesSubject("nft"));
await conformance(iptablesSubject("legacy"));
await conformance(iptablesSetsSubject);

test("beside sets in its table, iptables is not asked from the search to the end", {
	skip: (await labMissing(...iptablesSetsSubject.tools, "nft")) ?? false,
}, async () => {
	const lab = await startLab();
	try {
		await iptablesSetsSubject.setUp(lab);
		const { commands } = lab.server;
		const ran: string[] = [];
		const run = commands.run.bind(commands);
		commands.run = async (tool, args, options) => {
			if (tool.startsWith("iptables-nft")) {
				ran.push(tool);
				// As beside a large set.
				await new Promise((done) => setTimeout(done, SLOW_MS));
			}
			return run(tool, args, options);
		};
		const ranFor = async (step: () => Promise<unknown>) => {
			ran.length = 0;
			await step();
			return [...ran];
		};
		const saves = new SharedSaves(new SavesByNft(commands));
		const searched = await ranFor(async () => assert.equal((await detect(saves)).name, "iptables"));
		const firewall = createFirewall("iptables", saves);
		const opened = await ranFor(async () => {
			await firewall.list();
			await firewall.repair();
			await firewall.apply({ open: [v4(60_001), v4(60_002)], close: [] });
		});
		assert.deepEqual([...searched, ...opened], []);
		assert.equal(await lab.isOpen(SERVER4, 60_001), true);
		const closed = await ranFor(async () => {
			assert.ok(
				[...((await firewall.counted?.([v4(60_001)])) ?? new Map()).values()].some((count) => count > 0),
			);
			await firewall.apply({ open: [], close: [v4(60_001)] });
		});
		assert.deepEqual(closed, []);
		assert.equal(await lab.isOpen(SERVER4, 60_001), false);
		assert.equal(await lab.isOpen(SERVER4, 60_002), true);
		assert.deepEqual(await ranFor(() => firewall.clear()), []);
		assert.equal(await lab.isOpen(SERVER4, 60_002), false);
	} finally {
		await lab.stop();
	}
});

const SLOW_MS = 300;
