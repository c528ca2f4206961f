import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createIptables } from "../../../src/firewall/iptables/iptables.js";
import { KernelRules } from "../../../src/firewall/iptables/kernel-rules.js";
import { acceptRule } from "../../../src/firewall/iptables/rule.js";
import { SharedSaves } from "../../../src/firewall/iptables/shared-saves.js";
import { createUfw } from "../../../src/firewall/ufw/ufw.js";
import type { Commands } from "../../../src/system/commands.js";
import {
	attribute,
	attributesIn,
	FLAG,
	message,
	messagesIn,
	NETFILTER_HEADER,
	type NetlinkQuestions,
	nested,
	netfilterHeader,
	PROTOCOL,
} from "../../../src/system/netlink.js";
import { GENERATION, NF_TABLES, TABLE_FAMILY, zeroTerminated } from "../../../src/system/nf-tables.js";
import { type Lab, labMissing, SERVER4, startLab } from "../../lab/hosts.js";
import { FakeIptables } from "../../support/fake-iptables.js";
import { LabNetlink, ToldNetlink } from "../../support/netlink.js";
import { conformance, sorted, v4, v6 } from "../conformance.js";
import { ufwSubject } from "../ufw/subject.js";
import { iptablesSetsSubject, iptablesSubject, listIptables, restoreAdminRules } from "./subject.js";

await conformance({
	...iptablesSubject("nft"),
	name: "iptables-nft, changed by the kernel's own messages",
	create: (lab) => createIptables(lab.server.commands, { netlink: new LabNetlink(lab.server) }),
});
await conformance({
	...ufwSubject,
	name: "ufw, changed by the kernel's own messages",
	create: (lab) => createUfw(lab.server.commands, { netlink: new LabNetlink(lab.server) }),
});

const RULE = { list: 6, get: 7, delete: 8 } as const;
const VARYING = [3, 6];
/** Rules that a table of the administrator's has in our chain, on all numbers that rules of ours had before. */
const FOREIGN = 30;

/** All that the kernel keeps of the rules of our chain, but their numbers. */
async function rawRules(lab: Lab): Promise<string[]> {
	const netlink = new LabNetlink(lab.server);
	const found: string[] = [];
	for (const family of ["ip", "ip6"]) {
		const question = message(
			(NF_TABLES << 8) | RULE.get,
			FLAG.request | FLAG.dump,
			netfilterHeader(TABLE_FAMILY[family] ?? 0),
			attribute(1, zeroTerminated("filter")),
			attribute(2, zeroTerminated("MOSH-PORTGUARD")),
		);
		const answer = await netlink.ask(PROTOCOL.netfilter, question);
		for (const { start, end } of messagesIn(answer, 1)) {
			const attributes = [...attributesIn(answer, start + NETFILTER_HEADER, end)];
			const kept = attributes.filter(([type]) => !VARYING.includes(type));
			found.push(kept.map(([type, value]) => `${type} ${value.toString("hex")}`).join("\n"));
		}
	}
	return found;
}

/** One to each address, as many as there are, from that port on. */
const at = (port: number) => [v4(port), v6(port + 1), v4(port + 2, "0.0.0.0"), v6(port + 3, "::")];

/** Our table made anew by somebody else, with rules of theirs in our chain. */
async function replaceTable(lab: Lab): Promise<void> {
	await lab.server.sh("nft delete table ip filter");
	await restoreAdminRules(lab, "nft");
	const foreign = Array.from(
		{ length: FOREIGN },
		(_, index) => `-A MOSH-PORTGUARD -s 192.0.2.${index} -j DROP`,
	);
	const script = ["*filter", ":MOSH-PORTGUARD - [0:0]", ...foreign, "COMMIT"].join("\n");
	await lab.server.sh(`iptables-nft-restore --noflush <<'END'\n${script}\nEND\n`);
}

const foreignIn = (listing: string) => (listing.match(/-A MOSH-PORTGUARD -s 192\.0\.2\./g) ?? []).length;

/** Counts the listings of whole chains. Somebody else may be quicker: does something, once, before rules are deleted. */
class ObservedNetlink extends LabNetlink {
	listings = 0;
	overtake: (() => Promise<unknown>) | undefined;

	override async ask(...question: Parameters<LabNetlink["ask"]>): Promise<Buffer> {
		const [, request] = question;
		for (const { type, start } of messagesIn(request, 0)) {
			const flags = request.readUInt16LE(start - HEADER + FLAGS_AT);
			this.listings += (flags & FLAG.dump) === FLAG.dump ? 1 : 0;
			if (type === ((NF_TABLES << 8) | RULE.delete)) {
				const overtake = this.overtake;
				this.overtake = undefined;
				await overtake?.();
			}
		}
		return super.ask(...question);
	}
}

/** Of a message. */
const HEADER = 16;
const FLAGS_AT = 6;

describe("rules that the kernel is given", {
	skip: (await labMissing("iptables-nft", "nft")) ?? false,
}, () => {
	let lab: Lab;
	let ran: string[];
	before(async () => {
		lab = await startLab();
		const { commands } = lab.server;
		const run = commands.run.bind(commands);
		commands.run = (tool, args, options) => {
			ran.push(tool);
			return run(tool, args, options);
		};
	});
	after(() => lab.stop());

	/** In the meantime, commands are run otherwise. */
	async function runningBy(
		otherwise: (run: Commands["run"]) => Commands["run"],
		step: () => Promise<unknown>,
	): Promise<void> {
		const { commands } = lab.server;
		const { run } = commands;
		commands.run = otherwise(run);
		try {
			await step();
		} finally {
			commands.run = run;
		}
	}

	/** One that has seen two rules of iptables for each address, and has closed them. */
	async function learned(netlink = new LabNetlink(lab.server)) {
		ran = [];
		await restoreAdminRules(lab, "nft");
		const firewall = createIptables(lab.server.commands, { netlink });
		await firewall.repair();
		for (const openings of [at(60001), at(60011)]) {
			await firewall.apply({ open: openings, close: [] });
			await firewall.apply({ open: [], close: openings });
		}
		ran.length = 0;
		return firewall;
	}

	test("are byte for byte those of iptables, and take no command", async () => {
		const firewall = await learned();
		const wanted = at(60021);
		await firewall.apply({ open: wanted, close: [] });
		assert.deepEqual(ran, []);
		const made = { raw: await rawRules(lab), listing: await listIptables(lab, "nft") };
		assert.deepEqual(sorted(await firewall.list()), sorted(wanted));
		ran.length = 0;
		await firewall.apply({ open: [], close: wanted });
		assert.deepEqual(ran, []);
		assert.deepEqual(await rawRules(lab), []);
		await createIptables(lab.server.commands).apply({ open: wanted, close: [] });
		assert.deepEqual(made, { raw: await rawRules(lab), listing: await listIptables(lab, "nft") });
		assert.equal(made.raw.length, wanted.length);
	});

	test("are made for a port alone as long as iptables has made no other", async () => {
		ran = [];
		await restoreAdminRules(lab, "nft");
		const firewall = createIptables(lab.server.commands, { netlink: new LabNetlink(lab.server) });
		await firewall.repair();
		const counts: number[] = [];
		for (const port of [60001, 60001, 60002, 60003]) {
			ran.length = 0;
			await firewall.apply({ open: [v4(port)], close: [] });
			assert.equal(await lab.isOpen(SERVER4, port), true);
			await firewall.apply({ open: [], close: [v4(port)] });
			assert.equal(await lab.isOpen(SERVER4, port), false);
			counts.push(ran.filter((tool) => tool.endsWith("-restore")).length);
		}
		assert.deepEqual(counts, [1, 0, 1, 0]);
	});

	test("of an earlier guard are deleted without a command, once iptables has listed them", async () => {
		const before_ = await learned();
		const openings = [...at(60031), ...at(60041)];
		await before_.apply({ open: openings, close: [] });
		const netlink = new ObservedNetlink(lab.server);
		const firewall = createIptables(lab.server.commands, { netlink });
		await firewall.repair();
		ran.length = 0;
		await firewall.apply({ open: [], close: at(60041) });
		assert.deepEqual([ran, netlink.listings], [["iptables-nft-save", "ip6tables-nft-save"], 2]);
		assert.deepEqual(sorted(await firewall.list()), sorted(at(60031)));
		ran.length = 0;
		await firewall.apply({ open: [], close: at(60031) });
		assert.deepEqual([ran, netlink.listings], [[], 2]);
		assert.deepEqual(await rawRules(lab), []);
	});

	test("that are gone, their numbers now those of others, take no other with them", async () => {
		const firewall = await learned();
		await firewall.apply({ open: [v4(60021)], close: [] });
		await replaceTable(lab);
		await firewall.apply({ open: [], close: [v4(60021)] });
		assert.equal(foreignIn(await listIptables(lab, "nft")), FOREIGN);
	});

	test("are not deleted by what was read before others changed anything", async () => {
		const netlink = new ObservedNetlink(lab.server);
		const firewall = await learned(netlink);
		await firewall.apply({ open: [v4(60021)], close: [] });
		netlink.overtake = () => replaceTable(lab);
		await firewall.apply({ open: [], close: [v4(60021)] });
		assert.equal(netlink.overtake, undefined);
		assert.equal(foreignIn(await listIptables(lab, "nft")), FOREIGN);
		await lab.server.sh("nft flush chain ip filter MOSH-PORTGUARD");
		await firewall.repair();
		await firewall.apply({ open: [v4(60022)], close: [] });
		netlink.overtake = () => lab.server.sh("iptables-nft -I INPUT -s 192.0.2.1 -j DROP");
		ran.length = 0;
		await firewall.apply({ open: [], close: [v4(60022)] });
		assert.equal(netlink.overtake, undefined);
		assert.deepEqual([await firewall.list(), ran.includes("iptables-nft-restore")], [[], false]);
	});

	test("are not learned from a chain that others change meanwhile", async () => {
		const firewall = createIptables(lab.server.commands, { netlink: new LabNetlink(lab.server) });
		await restoreAdminRules(lab, "nft");
		await firewall.repair();
		await firewall.apply({ open: [v4(60001), v4(60002)], close: [] });
		const [first] = (await listIptables(lab, "nft")).match(/MOSH-PORTGUARD -d .*60001.*/) ?? [];
		let listings = 0;
		await runningBy(
			(run) => async (tool, args, options) => {
				if (tool === "iptables-nft-save" && listings === 0) {
					listings += 1;
					await lab.server.sh(`iptables-nft -D ${first}; iptables-nft -A ${first}`);
				}
				return run(tool, args, options);
			},
			() => firewall.apply({ open: [], close: [v4(60001)] }),
		);
		assert.equal(listings, 1);
		await firewall.apply({ open: [v4(60001)], close: [v4(60002)] });
		assert.deepEqual(await firewall.list(), [v4(60001)]);
		assert.equal(await lab.isOpen(SERVER4, 60001), true);
		assert.equal(await lab.isOpen(SERVER4, 60002), false);
	});

	test("are left to iptables where the chain is gone, and where the kernel cannot be asked", async () => {
		const firewall = await learned();
		await restoreAdminRules(lab, "nft");
		await firewall.apply({ open: [v4(60021)], close: [] });
		assert.equal(await lab.isOpen(SERVER4, 60021), true);
		await lab.server.sh("iptables-nft -F MOSH-PORTGUARD");
		await firewall.apply({ open: [v4(60022)], close: [v4(60021)] });
		assert.deepEqual(await firewall.list(), [v4(60022)]);
		const refused = createIptables(lab.server.commands, { netlink: new ToldNetlink() });
		await refused.repair();
		await refused.apply({ open: [v4(60023)], close: [v4(60022)] });
		assert.deepEqual(await refused.list(), [v4(60023)]);
	});

	test("need no iptables-restore that is started ahead, and others do", async () => {
		for (const netlink of [new LabNetlink(lab.server), undefined]) {
			await restoreAdminRules(lab, "nft");
			let ahead = 0;
			const firewall = createIptables(lab.server.commands, { netlink });
			await firewall.repair();
			await runningBy(
				(run) => (tool, args, options) => {
					ahead += options?.prestart ? 1 : 0;
					return run(tool, args, options);
				},
				() => firewall.apply({ open: [v4(60001)], close: [] }),
			);
			assert.equal(ahead > 0, netlink === undefined);
		}
	});

	test("are left to nft beside sets, which iptables fetches", async () => {
		ran = [];
		await iptablesSetsSubject.setUp(lab);
		const netlink = new LabNetlink(lab.server);
		const firewall = createIptables(lab.server.commands, { netlink });
		await firewall.repair();
		ran.length = 0;
		await firewall.apply({ open: [v4(60001)], close: [] });
		await firewall.apply({ open: [], close: [v4(60001)] });
		assert.deepEqual([netlink.asked, ran.filter((tool) => tool !== "nft")], [0, []]);
		// What nft has written is no example of iptables' rules.
		await firewall.apply({ open: [v4(60001), v4(60002)], close: [] });
		await lab.server.sh("nft delete set ip filter blocked; nft delete set ip6 filter ports");
		await firewall.repair();
		await firewall.apply({ open: [], close: [v4(60001), v4(60002)] });
		await firewall.apply({ open: [v4(60003)], close: [] });
		assert.deepEqual(await firewall.list(), [v4(60003)]);
	});

	test("are seen by who asks iptables next, however long its last answer holds", async () => {
		const netlink = new LabNetlink(lab.server);
		await learned(netlink);
		const slowly =
			(run: Commands["run"]): Commands["run"] =>
			async (tool, args, options) => {
				if (tool.endsWith("-save")) {
					await new Promise((done) => setTimeout(done, SLOW_MS));
				}
				return run(tool, args, options);
			};
		await runningBy(slowly, async () => {
			const saves = new SharedSaves(lab.server.commands);
			const firewall = createIptables(saves, { netlink, rulesChanged: () => saves.forget() });
			for (const port of [60001, 60002, 60003]) {
				await firewall.apply({ open: [v4(port)], close: [] });
				await firewall.list();
				await firewall.apply({ open: [v6(port)], close: [v4(port)] });
				assert.deepEqual(await firewall.list(), [v6(port)]);
				await firewall.apply({ open: [], close: [v6(port)] });
				assert.deepEqual(await firewall.list(), []);
			}
		});
	});
});

const SLOW_MS = 500;

test("how an iptables writes rules that nobody can tell from its rules is not asked for ever", async () => {
	let port = 60001;
	const list = RULE.list;
	const generation = message(
		(NF_TABLES << 8) | GENERATION.new,
		0,
		netfilterHeader(0),
		attribute(1, Buffer.alloc(4)),
	);
	const netlink: NetlinkQuestions = {
		ask: async () => {
			const words = nested(
				1,
				attribute(1, zeroTerminated("words")),
				nested(2, attribute(1, Buffer.from(`port ${port}`))),
			);
			const rule = [attribute(3, Buffer.alloc(8)), attribute(4, words)];
			const listed = message((NF_TABLES << 8) | list, 0, netfilterHeader(2), ...rule);
			return Buffer.concat([generation, listed, message(DONE, 0, Buffer.alloc(4))]);
		},
	};
	let listings = 0;
	const commands = Object.assign(new FakeIptables(), {
		run: async () => {
			listings += 1;
			const rule = acceptRule(v4(port)).join(" ");
			return {
				stdout: `*filter\n:MOSH-PORTGUARD - [0:0]\n-A MOSH-PORTGUARD ${rule}\n`,
				stderr: "",
				exitCode: 0,
			};
		},
	});
	const rules = new KernelRules({ netlink, commands, rulesChanged: undefined });
	for (; port < 60041; port += 1) {
		await rules.close("ipv4", [v4(port)]);
		assert.equal(await rules.open("ipv4", [v4(port + 1)]), false);
	}
	assert.ok(listings > 1 && listings < 20, `${listings} listings`);
});

const DONE = 3;
