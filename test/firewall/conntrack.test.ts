import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { cutFlows } from "../../src/firewall/conntrack.js";
import { Nftables } from "../../src/firewall/nftables/nftables.js";
import type { Commands } from "../../src/system/commands.js";
import { type Lab, labMissing, SERVER4, startLab } from "../lab/hosts.js";
import { v4, v6 } from "./conformance.js";
import { nftablesSubject } from "./nftables/subject.js";

describe("flows of a closed port", { skip: (await labMissing("nft", "conntrack")) ?? false }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
		await nftablesSubject.setUp(lab);
	});
	after(() => lab.stop());

	test("pass until their conntrack entries are cut", async () => {
		const firewall = new Nftables(lab.server.commands);
		await firewall.apply({ open: [v4(60001)], close: [] });
		await lab.server.agent.echo(SERVER4, 60001);
		assert.equal(await lab.client.agent.flow(SERVER4, 60001), true);
		await firewall.apply({ open: [], close: [v4(60001)] });
		assert.equal(await lab.client.agent.flow(SERVER4, 60001), true);
		await cutFlows(lab.server.commands, [v4(60001)]);
		assert.equal(await lab.client.agent.flow(SERVER4, 60001), false);
	});

	test("of many ports are cut by one command", async () => {
		const firewall = new Nftables(lab.server.commands);
		const ports = [v4(60003), v4(60004), v6(60005)];
		await firewall.apply({ open: ports, close: [] });
		const pass = () =>
			Promise.all(
				ports.map(async ({ address, port }) => {
					await lab.server.agent.echo(address, port);
					return lab.client.agent.flow(address, port);
				}),
			);
		assert.deepEqual(await pass(), [true, true, true]);
		await firewall.apply({ open: [], close: ports });
		const { commands } = lab.server;
		let runs = 0;
		const counted: Commands = {
			find: (tool) => commands.find(tool),
			run: (...call) => {
				runs += 1;
				return commands.run(...call);
			},
			follow: (...call) => commands.follow(...call),
			started: (pid, name) => commands.started(pid, name),
		};
		await cutFlows(counted, [v4(60006), ...ports]);
		assert.equal(runs, 1);
		assert.deepEqual(await pass(), [false, false, false]);
	});

	test("that do not exist are no error", async () => {
		await cutFlows(lab.server.commands, [v4(60002), v4(60002, "0.0.0.0"), v6(60002), v6(60002, "::")]);
	});

	test("of no port are refused", async () => {
		await assert.rejects(cutFlows(lab.server.commands, [v4(0)]), { code: "invalid-opening" });
	});
});
