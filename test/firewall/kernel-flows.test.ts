import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { cutByKernel } from "../../src/firewall/conntrack.js";
import { Nftables } from "../../src/firewall/nftables/nftables.js";
import { NetlinkError } from "../../src/system/netlink.js";
import { type Lab, labMissing, SERVER4, startLab } from "../lab/hosts.js";
import { LabNetlink } from "../support/netlink.js";
import { v4, v6 } from "./conformance.js";
import { nftablesSubject } from "./nftables/subject.js";

describe("flows of a closed port", { skip: (await labMissing("nft")) ?? false }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
		await nftablesSubject.setUp(lab);
	});
	after(() => lab.stop());

	test("are cut by the kernel's own messages, and no others", async () => {
		const firewall = new Nftables(lab.server.commands);
		const netlink = new LabNetlink(lab.server);
		const ports = [v4(60001), v6(60002), v4(60003)];
		await firewall.apply({ open: ports, close: [] });
		for (const { address, port } of ports) {
			await lab.server.agent.echo(address, port);
		}
		const pass = () => Promise.all(ports.map(({ address, port }) => lab.client.agent.flow(address, port)));
		assert.deepEqual(await pass(), [true, true, true]);
		await firewall.apply({ open: [], close: ports });
		assert.deepEqual(await pass(), [true, true, true]);
		assert.deepEqual(await cutByKernel(netlink, [v4(60001), v6(60002)]), []);
		assert.deepEqual(await pass(), [false, false, true]);
		assert.deepEqual(await cutByKernel(netlink, [v4(60003, "10.77.0.99")]), []);
		assert.deepEqual(await pass(), [false, false, true]);
		assert.deepEqual(await cutByKernel(netlink, [v4(60003, "0.0.0.0"), v6(60003, "::")]), []);
		assert.deepEqual(await pass(), [false, false, false]);
		assert.equal(await lab.client.agent.flow(SERVER4, 60003), false);
	});
});

describe("what the kernel does not cut", () => {
	const refusing = {
		ask: async () => {
			throw new NetlinkError("EINVAL");
		},
	};

	test("is left for the command, and so are many", async () => {
		assert.deepEqual(await cutByKernel(refusing, [v4(60001)]), [v4(60001)]);
		const many = Array.from({ length: 9 }, (_, index) => v4(60001 + index));
		let asked = 0;
		const counting = {
			ask: async () => {
				asked += 1;
				return Buffer.alloc(0);
			},
		};
		assert.deepEqual(await cutByKernel(counting, many), many);
		assert.equal(asked, 0);
		await assert.rejects(cutByKernel(refusing, [v4(0)]), { code: "invalid-opening" });
	});
});
