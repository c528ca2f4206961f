/** What of the network counts as changed: by what the kernel tells, pretended and real, and by what it is asked for. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { NetworkChanges } from "../../src/firewall/network-changes.js";
import type { Commands } from "../../src/system/commands.js";
import { NetlinkError } from "../../src/system/netlink.js";
import { type Lab, labMissing, startLab } from "../lab/hosts.js";
import { LabNetlink, ToldNetlink } from "../support/netlink.js";
import { until } from "../support/wait.js";

const skip = (await labMissing("ip", "tc")) ?? false;

function printing(listings: Readonly<Record<string, string>>): Commands {
	return {
		find: async (tool) => tool,
		run: async (_tool, args) => ({ stdout: listings[args[1] ?? ""] ?? "", stderr: "", exitCode: 0 }),
		follow: () => assert.fail("nothing to follow"),
		started: () => false,
	};
}

describe("the mark of the network", () => {
	test("is another once the kernel has told of something, or something was lost, and it listens again", async () => {
		const netlink = new ToldNetlink();
		const changes = new NetworkChanges(printing({}), netlink);
		const marks = [await changes.mark()];
		assert.equal(await changes.mark(), marks[0]);
		for (const told of [[Buffer.alloc(16)], [undefined]] as const) {
			netlink.tell(...(told as [undefined]));
			assert.equal(netlink.heard, undefined, "of many changes it hears the first");
			marks.push(await changes.mark());
			assert.notEqual(netlink.heard, undefined);
			assert.equal(await changes.mark(), marks.at(-1));
		}
		await changes.stop();
		assert.equal(netlink.heard, undefined);
		marks.push(await changes.mark());
		assert.equal(new Set(marks).size, 4, "what happened meanwhile was not heard");
	});

	test("is another once interfaces or addresses are, but for lifetimes", async () => {
		const address = `2: eth0: <UP> mtu 1500 qdisc noqueue state UP
    inet 192.0.2.1/24 scope global dynamic eth0
       valid_lft 77sec preferred_lft 77sec
`;
		const listings = { show: address };
		const changes = new NetworkChanges(printing(listings), new ToldNetlink());
		const mark = await changes.mark();
		listings.show = address.replaceAll("77", "76");
		assert.equal(await changes.mark(), mark);
		for (const [from, to] of [
			["192.0.2.1", "192.0.2.2"],
			["mtu 1500", "mtu 1500 xdp"],
		] as const) {
			listings.show = address.replace(from, to);
			assert.notEqual(await changes.mark(), mark);
		}
	});

	test("cannot be known where the kernel does not tell", async () => {
		assert.equal(await new NetworkChanges(printing({}), undefined).mark(), undefined);
		const refusing = new ToldNetlink();
		refusing.listen = () => Promise.reject(new NetlinkError("EPERM"));
		assert.equal(await new NetworkChanges(printing({}), refusing).mark(), undefined);
	});
});

describe("the kernel tells", { skip }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
		await lab.server.sh("ip link add lab7 type veth peer name lab8; ip link add bridge7 type bridge");
	});
	after(() => lab?.stop());

	for (const line of [
		"ip link set lab7 master bridge7",
		"ip link set lab7 up",
		"ip address add 192.0.2.7/24 dev lab7",
	]) {
		test(`when it is asked: ${line}`, async () => {
			const changes = new NetworkChanges(lab.server.commands, new ToldNetlink());
			const mark = await changes.mark();
			assert.equal(await changes.mark(), mark);
			await lab.server.sh(line);
			assert.notEqual(await changes.mark(), mark);
		});
	}

	for (const [what, line] of [
		["a rule of routing", "ip rule add from 192.0.2.7 lookup 77"],
		["one of IPv6", "ip -6 rule add from 2001:db8::7 lookup 77"],
		["a route in a table of its own", "ip route add 192.0.2.0/24 dev lo table 77"],
		["one of IPv6", "ip -6 route add 2001:db8:7::/48 dev lo table 77"],
		["a queue", "tc qdisc add dev lo clsact"],
		["the filter of the reverse path", "sysctl -w net.ipv4.conf.lo.rp_filter=2"],
		["that of all interfaces", "sysctl -w net.ipv4.conf.all.rp_filter=2"],
	] as const) {
		test(`of ${what}: ${line}`, async () => {
			const changes = new NetworkChanges(printing({}), new LabNetlink(lab.server));
			const mark = await changes.mark();
			await lab.server.sh(line);
			await until("it has told", async () => (await changes.mark()) !== mark, { pollMs: 20 });
			await changes.stop();
		});
	}
});
