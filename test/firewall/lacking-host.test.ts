/** Hosts where a tool, a family or a part of the kernel is missing: what else is there is found and used. */

import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, test } from "node:test";
import { createFirewall } from "../../src/firewall/create.js";
import { detect } from "../../src/firewall/detect.js";
import type { FirewallName } from "../../src/firewall/firewall.js";
import { type Lab, labMissing, SERVER4, SERVER6, startLab } from "../lab/hosts.js";
import { type Lacking, LackingCommands } from "../support/lacking-commands.js";
import { v4, v6 } from "./conformance.js";
import { restoreAdminRules } from "./iptables/subject.js";
import { loadRuleset } from "./nftables/subject.js";
import { enableUfw } from "./ufw/subject.js";

interface HostCase {
	readonly name: string;
	readonly setUp: (lab: Lab) => Promise<unknown>;
	readonly lacking: Lacking;
	readonly found: FirewallName;
	/** What the reason says is missing. */
	readonly says?: RegExp;
	readonly serves6: boolean;
}

const ONLY_IPV4 = "iptables-nft -P INPUT DROP; iptables-nft -A INPUT -p udp --dport 7 -j ACCEPT";

const CASES: readonly HostCase[] = [
	{
		name: "nft without JSON beside ufw",
		setUp: enableUfw,
		lacking: { failing: { line: /^nft .*-j/, words: "Error: JSON support not compiled-in" } },
		found: "ufw",
		says: /JSON support not compiled-in/,
		serves6: true,
	},
	{
		name: "no nft at all beside iptables",
		setUp: (lab) => restoreAdminRules(lab, "nft"),
		lacking: { missing: /^nft$/ },
		found: "iptables",
		serves6: true,
	},
	{
		name: "no ip6tables",
		setUp: (lab) => lab.server.sh(ONLY_IPV4),
		lacking: { missing: /^ip6tables/ },
		found: "iptables",
		says: /iptables-nft cannot list ipv6 rules/,
		serves6: false,
	},
	{
		name: "IPv6 switched off in the kernel",
		setUp: (lab) => lab.server.sh(ONLY_IPV4),
		lacking: {
			failing: { line: /^ip6tables/, words: "ip6tables: Failed to initialize nft: Protocol not supported" },
		},
		found: "iptables",
		says: /iptables-nft cannot list ipv6 rules/,
		serves6: false,
	},
	{
		name: "a kernel without nf_tables",
		setUp: (lab) => restoreAdminRules(lab, "legacy"),
		lacking: {
			failing: { line: /^(nft|ip6?tables-nft)/, words: "Failed to initialize nft: Protocol not supported" },
		},
		found: "iptables",
		says: /Protocol not supported/,
		serves6: true,
	},
	{
		name: "no iptables of either kind",
		setUp: (lab) =>
			loadRuleset(
				lab,
				"table inet a {\nchain input {\ntype filter hook input priority 0; policy drop;\nmeta l4proto ipv6-icmp accept\nudp dport 7 accept\n}\n}\n",
			),
		lacking: { missing: /^ip6?tables/ },
		found: "nftables",
		serves6: true,
	},
	{
		name: "a table switched off beside iptables",
		setUp: async (lab) => {
			await restoreAdminRules(lab, "nft");
			await lab.server.sh(
				"nft 'table inet old { flags dormant; chain input { type filter hook input priority 0; policy drop; }; }'",
			);
		},
		lacking: {},
		found: "iptables",
		serves6: true,
	},
];

const TOOLS = ["ufw", "nft", "iptables-nft", "iptables-legacy"];

describe("a host that lacks something", { skip: (await labMissing(...TOOLS)) ?? false }, () => {
	let lab: Lab;
	beforeEach(async () => {
		lab = await startLab();
	});
	afterEach(() => lab.stop());

	for (const { name, setUp, lacking, found, says, serves6 } of CASES) {
		test(name, async () => {
			await setUp(lab);
			const commands = new LackingCommands(lab.server.commands, lacking);
			const detection = await detect(commands, { bus: "unix:path=/nowhere" });
			assert.equal(detection.name, found);
			if (says !== undefined) {
				assert.match(detection.reason, says);
			}
			const firewall = createFirewall(found, commands);
			await firewall.repair();
			await firewall.apply({ open: [v4(60001), ...(serves6 ? [v6(60001)] : [])], close: [] });
			assert.equal(await lab.isOpen(SERVER4, 60001), true);
			if (serves6) {
				assert.equal(await lab.isOpen(SERVER6, 60001), true);
			}
			await firewall.clear();
			assert.equal(await lab.isOpen(SERVER4, 60001), false);
		});
	}

	test("where the only tool that could show a firewall fails, that is the answer", async () => {
		const commands = new LackingCommands(lab.server.commands, {
			failing: { line: /^nft .*-j/, words: "Error: JSON support not compiled-in" },
		});
		await assert.rejects(detect(commands, { bus: "unix:path=/nowhere" }), /JSON support/);
	});
});
