/** An admin's default-deny iptables on the lab server, in either of its two kinds. */

import { createIptables } from "../../../src/firewall/iptables/iptables.js";
import type { Variant } from "../../../src/firewall/iptables/variant.js";
import { CONTROL_PORT, type Lab } from "../../lab/hosts.js";
import { ADMIN_DENIED, ADMIN_OPEN, type Disturbance, type Subject } from "../conformance.js";

function adminRules(icmp: string): string {
	return `*filter
:INPUT DROP [0:0]
:FORWARD DROP [0:0]
:OUTPUT ACCEPT [0:0]
:LOGDROP - [0:0]
-A INPUT -i lo -j ACCEPT
-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A INPUT -p ${icmp} -j ACCEPT
-A INPUT -p udp -m udp --dport ${ADMIN_DENIED} -j DROP
-A INPUT -p udp -m multiport --dports ${CONTROL_PORT},${ADMIN_OPEN} -m comment --comment "the admin's \\"own\\"" -j ACCEPT
-A INPUT -m limit --limit 3/min -j LOG
-A INPUT -j LOGDROP
-A LOGDROP -m limit --limit 3/min -j LOG
-A LOGDROP -j DROP
COMMIT
`;
}

export async function restoreAdminRules(lab: Lab, variant: Variant): Promise<void> {
	await lab.server.sh(`iptables-${variant}-restore <<'END'\n${adminRules("icmp")}END\n`);
	await lab.server.sh(`ip6tables-${variant}-restore <<'END'\n${adminRules("ipv6-icmp")}END\n`);
}

export async function listIptables(lab: Lab, variant: Variant): Promise<string> {
	const listings = await Promise.all(
		["iptables", "ip6tables"].map((tool) => lab.server.commands.run(`${tool}-${variant}-save`, [])),
	);
	return listings.map(({ stdout }) => stdout.replace(/^#.*\n|\[\d+:\d+\]/gm, "")).join("");
}

export function iptablesSubject(variant: Variant): Subject {
	const both = (args: string) => (lab: Lab) =>
		lab.server.sh(`iptables-${variant} ${args}; ip6tables-${variant} ${args}`);
	const disturbances: Disturbance[] = [
		{ name: "iptables -F of INPUT", run: both("-F INPUT"), undo: (lab) => restoreAdminRules(lab, variant) },
		{ name: "iptables-restore", run: (lab) => restoreAdminRules(lab, variant) },
		{ name: "a flush of our chain", run: both("-F MOSH-PORTGUARD") },
		{
			name: "our jump put first, before the admin's denies",
			run: both("-I INPUT -p udp -m comment --comment mosh-portguard -j MOSH-PORTGUARD"),
		},
	];
	return {
		name: `iptables-${variant}`,
		tools: [`iptables-${variant}`, `ip6tables-${variant}`],
		setUp: (lab) => restoreAdminRules(lab, variant),
		create: (lab) => createIptables(lab.server.commands, { pollMs: 500 }),
		listing: (lab) => listIptables(lab, variant),
		disturbances,
	};
}

/** With sets of nftables in its tables, which iptables fetches: for some of its work, the guard then asks nft. */
export const iptablesSetsSubject: Subject = {
	...iptablesSubject("nft"),
	name: "iptables-nft with sets of nftables in its tables",
	setUp: async (lab) => {
		await restoreAdminRules(lab, "nft");
		await lab.server.sh(`
			nft add set ip filter blocked '{ type ipv4_addr; flags interval; elements = { 192.0.2.0/24 }; }'
			nft add set ip6 filter ports '{ type inet_service; elements = { 22 }; }'
		`);
	},
};
