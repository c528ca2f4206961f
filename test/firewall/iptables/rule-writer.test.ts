/** By which way rules are changed: what each does is tried by the files that have it, on the kernel. */

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { RuleWriter } from "../../../src/firewall/iptables/rule-writer.js";
import type { Commands, RunOptions } from "../../../src/system/commands.js";
import { NetlinkError } from "../../../src/system/netlink.js";
import { v4 } from "../conformance.js";

const OPENING = v4(60001);
const POINT = { chain: "INPUT", index: 0 } as never;
const RULE = `ip daddr ${OPENING.address} udp dport 60001 counter packets 0 bytes 0 accept`;

const SAVED = "*filter\n:INPUT DROP [0:0]\n-A INPUT -i lo -j ACCEPT\nCOMMIT\n";
const filter = (...more: readonly unknown[]) =>
	JSON.stringify({
		nftables: [
			{ table: { family: "ip", name: "filter", handle: 1 } },
			{
				chain: {
					...{ family: "ip", table: "filter", name: "INPUT", handle: 1 },
					...{ type: "filter", hook: "input", prio: 0, policy: "drop" },
				},
			},
			...more,
		],
	});
const LO = { match: { op: "==", left: { meta: { key: "iifname" } }, right: "lo" } };
const rule = (...expr: readonly unknown[]) => ({
	rule: { family: "ip", table: "filter", chain: "INPUT", handle: 2, expr },
});
const COUNT = { counter: { packets: 0, bytes: 0 } };
/** As iptables prints it. */
const SAME = filter(rule(LO, COUNT, { accept: null }));
const WITH_SET = filter(
	{ set: { family: "ip", table: "filter", name: "s", handle: 3, type: "ipv4_addr" } },
	rule(LO, COUNT, { accept: null }),
);
/** Not as iptables prints it. */
const DIFFERENT = filter(rule(LO, COUNT, { drop: null }));

const NONE = JSON.stringify({ nftables: [] });

/** @param listed what nft prints */
function setUp(listed: string) {
	const ran: string[] = [];
	const commands = {
		find: async (tool: string) => `/usr/sbin/${tool}`,
		run: async (tool: string, args: readonly string[], { prestart = false }: RunOptions = {}) => {
			const isChange = tool.endsWith("-restore") || args[0] === "-f";
			if (isChange) {
				ran.push(`${tool}${prestart ? ", the next one ahead" : ""}`);
			}
			const isPlain = args.includes("-a");
			const plain = `table ip filter { # handle 1\n\tchain MOSH-PORTGUARD { # handle 9\n\t\t${RULE} # handle 7\n\t}\n}\n`;
			const stdout = tool.endsWith("-save") ? SAVED : isChange ? "" : isPlain ? plain : listed;
			return { stdout, stderr: "", exitCode: 0 };
		},
	} as unknown as Commands;
	let asked = 0;
	const netlink = {
		ask: () => {
			asked += 1;
			return Promise.reject(new NetlinkError("EPERM"));
		},
		listen: () => assert.fail("nothing is heard"),
	};
	const writer = new RuleWriter({ name: "iptables", commands, netlink });
	return { writer, ran, asked: () => asked };
}

const placed = { openings: [OPENING], intact: false, reached: false, strayRules: [], chainExists: true };

describe("a rule is changed", () => {
	test("by the kernel where that knows how, and else by iptables, which is not started ahead then", async () => {
		const { writer, ran, asked } = setUp(SAME);
		await writer.compare("ipv4", "nft");
		await writer.open([OPENING], "ipv4", "nft");
		assert.equal(asked(), 0);
		await writer.close([OPENING], "ipv4", "nft");
		assert.ok(asked() > 0);
		assert.deepEqual(ran, ["iptables-nft-restore", "iptables-nft-restore"]);
	});

	test("by iptables, the next one started ahead, over x_tables", async () => {
		const { writer, ran, asked } = setUp(SAME);
		await writer.compare("ipv4", "legacy");
		await writer.open([OPENING], "ipv4", "legacy");
		await writer.close([OPENING], "ipv4", "legacy");
		await writer.takeBack("ipv4", "legacy");
		assert.equal(asked(), 0);
		assert.deepEqual(ran, new Array(2).fill("iptables-legacy-restore, the next one ahead"));
	});

	test("by nft in a table with sets", async () => {
		const { writer, ran, asked } = setUp(WITH_SET);
		await writer.compare("ipv4", "nft");
		assert.equal(writer.hasSets("ipv4"), true);
		await writer.open([OPENING], "ipv4", "nft");
		await writer.rebuild({ ...placed, family: "ipv4", point: POINT } as never, "nft");
		assert.equal(asked(), 0);
		assert.deepEqual(ran, ["nft, the next one ahead", "nft"]);
	});

	test("by nothing that inserts in a table that iptables does not print as it is, and by nft to close", async () => {
		const { writer, asked } = setUp(DIFFERENT);
		await writer.compare("ipv4", "nft");
		assert.equal(writer.untrusted.get("ipv4")?.code, "owned-by-other");
		assert.match(
			String(writer.untrusted.get("ipv4")?.message),
			/^Nothing is opened in the ipv4 rules of iptables/,
		);
		await assert.rejects(writer.closeUntrusted([OPENING], "ipv4"), { code: "tool-failed" });
		assert.equal(asked(), 0);
		assert.deepEqual(
			(await writer.listUntrusted("ipv4", "nft"))?.map(({ port }) => port),
			[60001],
		);
		assert.equal(await writer.listUntrusted("ipv4", "legacy"), undefined);
		writer.trustAll();
		assert.equal(writer.untrusted.size, 0);
	});

	test("in no table that is not there", async () => {
		const { writer } = setUp(NONE);
		await writer.compare("ipv4", "nft");
		assert.deepEqual(
			[writer.isAbsent("ipv4"), writer.hasSets("ipv4"), writer.untrusted.size],
			[true, false, 0],
		);
		await writer.compare("ipv4", "legacy");
		assert.equal(writer.isAbsent("ipv4"), false);
	});
});
