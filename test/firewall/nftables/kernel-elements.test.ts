import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { changeElements } from "../../../src/firewall/nftables/kernel-elements.js";
import { Nftables } from "../../../src/firewall/nftables/nftables.js";
import { OWN_SETS } from "../../../src/firewall/nftables/owned-objects.js";
import { LEASE_S } from "../../../src/firewall/nftables/store.js";
import type { Commands } from "../../../src/system/commands.js";
import { message, messagesIn } from "../../../src/system/netlink.js";
import { type Lab, labMissing, SERVER4, startLab } from "../../lab/hosts.js";
import { LabNetlink } from "../../support/netlink.js";
import { conformance, sorted, v4, v6 } from "../conformance.js";
import { listNft, loadRuleset, nftablesRangesSubject, nftablesSubject } from "./subject.js";

for (const subject of [nftablesSubject, nftablesRangesSubject]) {
	await conformance({
		...subject,
		name: `${subject.name}, changed by the kernel's own messages`,
		create: (lab) => new Nftables(lab.server.commands, { netlink: new LabNetlink(lab.server) }),
	});
}

function counted(commands: Commands): { readonly commands: Commands; readonly ran: string[] } {
	const ran: string[] = [];
	return {
		ran,
		commands: {
			find: (tool) => commands.find(tool),
			run: (tool, args, options) => {
				ran.push((options?.prestart ? "ahead: " : "") + (options?.input ?? [tool, ...args].join(" ")));
				return commands.run(tool, args, options);
			},
			follow: (...call) => commands.follow(...call),
			started: (pid, name) => commands.started(pid, name),
		},
	};
}

describe("a change of elements", () => {
	const sets = new Map(OWN_SETS.map((set) => [set.name, { ...set, elements: [] }]));
	const point = { table: { family: "inet", name: "admin", sets }, families: ["ipv4", "ipv6"] } as never;

	test("is one message for each set and step, however many there are", async () => {
		let request = Buffer.alloc(0);
		const netlink = {
			ask: async (_protocol: number, asked: Buffer) => {
				request = Buffer.from(asked);
				return Buffer.concat(Array.from({ length: 4 }, () => message(2, 0, Buffer.alloc(4))));
			},
		};
		const openings = [v4(60001), v6(60002), v4(60003), v6(60004)];
		assert.equal(await changeElements(netlink, "renew", [{ point, openings }], LEASE_S), true);
		const types = [...messagesIn(request.subarray(0), 0)].map(({ type }) => type);
		assert.deepEqual(types, [0x10, 0x0a0e, 0x0a0c, 0x0a0e, 0x0a0c, 0x11]);
	});

	test("is none for as many as the kernel has no room for, and for a set that is not as ours is", async () => {
		const netlink = { ask: async () => assert.fail("nothing is asked") };
		const many = Array.from({ length: 501 }, (_, index) => v4(index + 1));
		assert.equal(await changeElements(netlink, "add", [{ point, openings: many }], LEASE_S), false);
		assert.equal(await changeElements(netlink, "add", [{ point, openings: [] }], LEASE_S), false);
		for (const table of [
			{ family: "inet", name: "admin", sets: new Map() },
			{ family: "unheard-of", name: "admin", sets },
		]) {
			const other = { ...(point as object), table } as never;
			const openings = [v4(60001)];
			assert.equal(await changeElements(netlink, "add", [{ point: other, openings }], LEASE_S), false);
		}
	});
});

const ONE_FAMILY = `flush ruleset
table ip admin {
	chain input {
		type filter hook input priority filter; policy drop;
	}
}
`;

describe("elements that the kernel is given", { skip: (await labMissing("nft")) ?? false }, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
	});
	after(() => lab.stop());

	const openings = [v4(60001), v6(60002), v4(60003, "0.0.0.0"), v6(60004, "::")];
	const rulesets = [
		["of both families", () => nftablesSubject.setUp(lab), openings],
		["of one family", () => loadRuleset(lab, ONE_FAMILY), [v4(60001), v4(60003, "0.0.0.0")]],
	] as const;
	for (const [name, setUp, wanted] of rulesets) {
		test(`in a table ${name}, are as nft gives them, without a command`, async () => {
			await setUp();
			const byNft = new Nftables(lab.server.commands);
			await byNft.repair();
			await byNft.apply({ open: wanted, close: [] });
			const expected = await listNft(lab);
			await byNft.apply({ open: [], close: wanted });
			const empty = await listNft(lab);
			const { commands, ran } = counted(lab.server.commands);
			const firewall = new Nftables(commands, { netlink: new LabNetlink(lab.server) });
			await firewall.repair();
			ran.length = 0;
			await firewall.apply({ open: wanted, close: [] });
			const timeless = (listing: string) => listing.replace(/ expires \w+/g, "");
			assert.equal(timeless(await listNft(lab)), timeless(expected));
			assert.deepEqual(sorted(await firewall.list()), sorted(wanted));
			ran.length = 0;
			await firewall.apply({ open: [], close: wanted });
			assert.equal(await listNft(lab), empty);
			assert.deepEqual(ran, []);
		});
	}

	for (const [what, count, missing, commandsThen] of [
		["however many, without a command", 120, [], 0],
		["by nft where one is missing", 2, [60002], 2],
	] as const) {
		test(`are given their whole lease anew ${what}`, async (t) => {
			const now = t.mock.method(performance, "now", () => 0).mock;
			await nftablesSubject.setUp(lab);
			const { commands, ran } = counted(lab.server.commands);
			const firewall = new Nftables(commands, { netlink: new LabNetlink(lab.server) });
			await firewall.repair();
			const many = Array.from({ length: count }, (_, index) => v4(60001 + index));
			await firewall.apply({ open: many, close: [] });
			const nft = (change: string) => lab.server.sh(`nft '${change} }'`);
			for (const port of [60001, ...missing]) {
				await nft(`delete element inet admin mosh_portguard_4 { ${SERVER4} . ${port}`);
			}
			const old = `${SERVER4} . 60001 timeout 30s comment "mosh-portguard"`;
			await nft(`add element inet admin mosh_portguard_4 { ${old}`);
			now.mockImplementation(() => LEASE_S * 1000);
			ran.length = 0;
			assert.equal(await firewall.renew(), true);
			assert.equal(ran.length, commandsThen, ran.join("\n"));
			const leases = (await lab.server.sh("nft -j list ruleset")).matchAll(/"expires": (\d+)/g);
			const found = [...leases].map(([, left]) => Number(left));
			assert.equal(found.length, count - missing.length);
			assert.ok(Math.min(...found) >= LEASE_S - 10, String(found));
			ran.length = 0;
			await firewall.renew();
			assert.deepEqual(ran, []);
		});
	}

	test("go on counting when their lease begins anew", async (t) => {
		const now = t.mock.method(performance, "now", () => 0).mock;
		await nftablesSubject.setUp(lab);
		const { commands, ran } = counted(lab.server.commands);
		const firewall = new Nftables(commands, { netlink: new LabNetlink(lab.server) });
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v4(60002)], close: [] });
		for (let times = 0; times < 3; times++) {
			assert.equal(await lab.isOpen(SERVER4, 60001), true);
		}
		const counts = () => firewall.counted([v4(60001), v4(60002)]);
		const before = await counts();
		const [first = 0, second] = [...before.values()];
		assert.ok(first >= 3);
		assert.equal(second, 0);
		now.mockImplementation(() => LEASE_S * 1000);
		ran.length = 0;
		assert.equal(await firewall.renew(), true);
		assert.deepEqual(ran, []);
		assert.deepEqual(await counts(), before);
	});

	test("need no nft that is started ahead, and others do", async () => {
		for (const netlink of [new LabNetlink(lab.server), undefined]) {
			await nftablesSubject.setUp(lab);
			const { commands, ran } = counted(lab.server.commands);
			const firewall = new Nftables(commands, { netlink });
			await firewall.repair();
			await firewall.apply({ open: [v4(60001)], close: [] });
			const isAhead = ran.map((command) => command.startsWith("ahead: "));
			assert.equal(isAhead.includes(true), netlink === undefined, ran.join("\n"));
		}
	});

	test("that are there are opened again, and of those that are gone the others are closed", async () => {
		await nftablesSubject.setUp(lab);
		const firewall = new Nftables(lab.server.commands, { netlink: new LabNetlink(lab.server) });
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v4(60002)], close: [] });
		await firewall.apply({ open: [v4(60001)], close: [] });
		await lab.server.sh("nft delete element inet admin mosh_portguard_4 '{ 10.77.0.1 . 60001 }'");
		await firewall.apply({ open: [], close: [v4(60001), v4(60002)] });
		assert.deepEqual(await firewall.list(), []);
		assert.equal(await lab.isOpen(SERVER4, 60002), false);
	});

	test("where set and chain are gone, all is made anew", async () => {
		await nftablesSubject.setUp(lab);
		const firewall = new Nftables(lab.server.commands, { netlink: new LabNetlink(lab.server) });
		await firewall.repair();
		await nftablesSubject.setUp(lab);
		await firewall.apply({ open: [v4(60001)], close: [] });
		assert.equal(await lab.isOpen(SERVER4, 60001), true);
	});
});
