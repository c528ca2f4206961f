/** The administrator's iptables as it is in the field, on a real host: a port opens and closes, and denies keep winning. */

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { createIptables } from "../../../src/firewall/iptables/iptables.js";
import { type Lab, labMissing, startLab } from "../../lab/hosts.js";
import { v4, v6 } from "../conformance.js";
import { labInterfaces, servesAndLeaves } from "../field.js";
import { listIptables } from "./subject.js";

interface FieldCase {
	readonly name: string;
	/** Of the filter table, in either family. */
	readonly rules: readonly string[];
	/** A port that the administrator denies. */
	readonly denied?: number;
}

const CASES: readonly FieldCase[] = [
	{
		name: "CSF: every rule for all but loopback, the last to a chain that logs and drops",
		denied: 60901,
		rules: [
			":INPUT DROP",
			":LOCALINPUT -",
			":LOGDROPIN -",
			"-A INPUT ! -i lo -j LOCALINPUT",
			"-A INPUT -i lo -j ACCEPT",
			"-A INPUT ! -i lo -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT",
			"-A INPUT ! -i lo -p udp -m conntrack --ctstate NEW -m udp --dport 7 -j ACCEPT",
			"-A INPUT ! -i lo -j LOGDROPIN",
			"-A LOCALINPUT -s 192.0.2.1 -j DROP",
			"-A LOGDROPIN -p tcp -m tcp --dport 23 -j DROP",
			"-A LOGDROPIN -p udp -m udp --dport 60901 -j DROP",
			'-A LOGDROPIN -p udp -m limit --limit 30/min -j LOG --log-prefix "Blocked "',
			"-A LOGDROPIN -j DROP",
		],
	},
	{
		name: "Shorewall: a chain by interface that ends in a drop",
		denied: 60901,
		rules: [
			":INPUT DROP",
			":net-fw -",
			"-A INPUT -i eth0 -j net-fw",
			"-A INPUT -i lo -j ACCEPT",
			"-A INPUT -j REJECT",
			"-A net-fw -m conntrack --ctstate INVALID -j DROP",
			"-A net-fw -p udp -m udp --dport 60901 -j DROP",
			"-A net-fw -p udp -m udp --dport 7 -j ACCEPT",
			'-A net-fw -j LOG --log-prefix "net-fw DROP "',
			"-A net-fw -j DROP",
		],
	},
	{
		name: "FireHOL: a chain by interface, and a drop of what is left",
		rules: [
			":INPUT DROP",
			":in_world -",
			"-A INPUT -i lo -j ACCEPT",
			"-A INPUT -i eth0 -j in_world",
			"-A INPUT -m limit --limit 1/sec -j LOG",
			"-A INPUT -j DROP",
			"-A in_world -p udp -m udp --dport 7 -j ACCEPT",
			"-A in_world -m conntrack --ctstate RELATED -j ACCEPT",
			"-A in_world -j DROP",
		],
	},
	{
		name: "policy accept, and a last rule for all but loopback",
		denied: 60901,
		rules: [
			":INPUT ACCEPT",
			"-A INPUT -p udp -m udp --dport 7 -j ACCEPT",
			"-A INPUT -p udp -m udp --dport 60901 -j DROP",
			"-A INPUT ! -i lo -j REJECT",
		],
	},
	{
		name: "a drop chain that denies of single ports lead to as well",
		denied: 60901,
		rules: [
			":INPUT ACCEPT",
			":off -",
			"-A INPUT -p udp -m udp --dport 7 -j ACCEPT",
			"-A INPUT -p udp -m udp --dport 60901 -j off",
			"-A INPUT -i eth+ -j off",
			"-A off -p tcp -j REJECT",
			"-A off -p udp -j DROP",
		],
	},
	{
		name: "a flood guard by a limited return, before the policy",
		rules: [
			":INPUT DROP",
			":flood -",
			"-A INPUT -p udp -j flood",
			"-A INPUT -p udp -m udp --dport 7 -j ACCEPT",
			"-A flood -m limit --limit 1000/sec --limit-burst 1000 -j RETURN",
			"-A flood -j DROP",
		],
	},
	{
		name: "a chain for what is for this host, behind a deny of another interface",
		rules: [
			":INPUT DROP",
			":mine -",
			"-A INPUT -i docker0 -j DROP",
			"-A INPUT -m pkttype --pkt-type unicast -g mine",
			"-A mine -p udp -m udp --dport 7 -j ACCEPT",
		],
	},
];

for (const variant of ["nft", "legacy"] as const) {
	const skip = (await labMissing(`iptables-${variant}`, `ip6tables-${variant}`)) ?? false;
	describe(`rules from the field in iptables-${variant}`, { skip }, () => {
		let lab: Lab;
		before(async () => {
			lab = await startLab();
		});
		after(() => lab.stop());

		for (const { name, rules, denied } of CASES) {
			test(name, async () => {
				await load(lab, variant, rules);
				const firewall = createIptables(lab.server.commands, { interfaces: labInterfaces });
				const listing = () => listIptables(lab, variant);
				await servesAndLeaves(lab, firewall, [v4(60001), v6(60001)], denied, listing);
			});
		}

		test("where no place suits, nothing is inserted and the rule in the way is named", async () => {
			await load(lab, variant, [
				":INPUT DROP",
				":off -",
				":FORWARD ACCEPT",
				"-A FORWARD -p udp -m udp --dport 9 -j off",
				"-A INPUT -i eth0 -j off",
				"-A off -p udp -m udp --dport 60901 -j DROP",
				"-A off -j DROP",
			]);
			const pristine = await listIptables(lab, variant);
			const firewall = createIptables(lab.server.commands, { interfaces: labInterfaces });
			await assert.rejects(firewall.repair(), /chain off/);
			await assert.rejects(firewall.apply({ open: [v4(60001)], close: [] }), { code: "no-place" });
			assert.equal(await listIptables(lab, variant), pristine);
		});
	});
}

async function load(lab: Lab, variant: string, rules: readonly string[]): Promise<void> {
	for (const [tool, icmp] of [
		["iptables", "icmp"],
		["ip6tables", "ipv6-icmp"],
	]) {
		const lines = rules
			.map((rule) => rule.replace(/^(:.*)$/, "$1 [0:0]"))
			.map((rule) => (tool === "ip6tables" ? rule.replace("192.0.2.1", "2001:db8::1") : rule))
			.toSorted((a, b) => Number(a.startsWith("-")) - Number(b.startsWith("-")));
		const first = lines.findIndex((line) => line.startsWith("-A INPUT"));
		lines.splice(first, 0, `-A INPUT -p ${icmp} -j ACCEPT`);
		await lab.server.sh(`${tool}-${variant}-restore <<'END'\n*filter\n${lines.join("\n")}\nCOMMIT\nEND\n`);
	}
}
