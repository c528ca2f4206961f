import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import type { NftReports } from "../../src/firewall/nft-change.js";
import { hearNft } from "../../src/firewall/nft-messages.js";
import { followNft } from "../../src/firewall/nft-monitor.js";
import { Nftables } from "../../src/firewall/nftables/nftables.js";
import { type Lab, labMissing, startLab } from "../lab/hosts.js";
import { LabNetlink, ToldNetlink } from "../support/netlink.js";
import { until } from "../support/wait.js";
import { v4 } from "./conformance.js";
import { nftablesSubject } from "./nftables/subject.js";

/** Of each transaction, who made it and what it changed; of a kind that nobody distinguishes, only that it did. */
function recorder(): { readonly reports: NftReports; readonly told: string[]; readonly ours: boolean[] } {
	const told: string[] = [];
	const ours: boolean[] = [];
	let changes = new Set<string>();
	const reports: NftReports = {
		changed: ({ isDeletion, kind, family, table }) => {
			const known = ["table", "chain", "rule", "set", "element"].includes(kind) ? kind : "other";
			changes.add(`${isDeletion ? "delete" : "add"} ${known} ${family} ${table}`);
		},
		committed: ({ generation, pid, program, isOurs }) => {
			told.push(`${generation} ${program} ${pid}: ${[...changes].sort().join(", ")}`);
			ours.push(isOurs);
			changes = new Set();
		},
		missed: (cause) => told.push(cause),
	};
	return { reports, told, ours };
}

const SCRIPTS = [
	`add table inet t
	add chain inet t c { type filter hook input priority 0; policy drop; }
	add set inet t s { type ipv4_addr; }
	add element inet t s { 192.0.2.1, 192.0.2.2 }
	add rule inet t c tcp dport { 1, 2 } accept`,
	"delete element inet t s { 192.0.2.1 }; add counter inet t k",
	"add table netdev n; add table arp a; add table bridge b; add table ip i; add table ip6 j",
	"insert rule inet t c accept; flush set inet t s",
	"flush chain inet t c",
	"flush ruleset",
];

describe("changes to nf_tables as the kernel tells them", {
	skip: (await labMissing("nft")) ?? false,
}, () => {
	let lab: Lab;
	before(async () => {
		lab = await startLab();
	});
	after(() => lab.stop());

	test("are those that nft's monitor prints", async () => {
		const [byKernel, byMonitor] = [recorder(), recorder()];
		const stops = [
			await hearNft(new LabNetlink(lab.server), byKernel.reports),
			await followNft(lab.server.commands, byMonitor.reports),
		];
		try {
			// It has been listening for long when it says so.
			await until("the monitor listens", () => byMonitor.told.length === 1);
			byMonitor.told.length = 0;
			for (const input of SCRIPTS) {
				await lab.server.commands.run("nft", ["-f", "-"], { input });
			}
			await lab.server.commands.run("iptables-nft", ["-A", "INPUT", "-j", "ACCEPT"]);
			await until("all is told", () => byMonitor.told.length === 7 && byKernel.told.length === 7);
			// The monitor leaves out sets without a name, which belong to the rule that is told of with them.
			assert.deepEqual(byKernel.told, byMonitor.told);
			assert.match(byKernel.told[6] ?? "", /^\d+ iptables-nft \d+: .*add rule ip filter/);
			assert.ok(!byKernel.ours.includes(true));
		} finally {
			await Promise.all(stops.map((stop) => stop()));
		}
	});

	test("are known for our own where they were made by our own messages", async () => {
		await nftablesSubject.setUp(lab);
		const netlink = new LabNetlink(lab.server);
		const firewall = new Nftables(lab.server.commands, { netlink });
		await firewall.repair();
		const { reports, told, ours } = recorder();
		const stop = await hearNft(netlink, reports);
		try {
			await firewall.apply({ open: [v4(60001)], close: [] });
			await firewall.apply({ open: [], close: [v4(60001)] });
			await lab.server.sh("nft add table inet theirs");
			await until("all is told", () => told.length === 3);
			assert.deepEqual(ours, [true, true, false], told.join("\n"));
			assert.match(told[1] ?? "", /: delete element inet admin$/);
		} finally {
			stop();
		}
	});
});

test("what was lost is said", async () => {
	const { reports, told } = recorder();
	const netlink = new ToldNetlink();
	await hearNft(netlink, reports);
	netlink.tell(undefined);
	assert.deepEqual(told, ["more changed than could be told"]);
});
