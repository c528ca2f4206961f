/** The firewalls that logins go through: each drops by default and lets ssh in, as an administrator would set it up. */

import { setUpFirewalld } from "../firewall/firewalld/subject.js";
import { restoreAdminRules } from "../firewall/iptables/subject.js";
import { nftablesSubject } from "../firewall/nftables/subject.js";
import { enableUfw } from "../firewall/ufw/subject.js";
import type { Lab } from "../lab/hosts.js";

export interface Backend {
	readonly name: string;
	/** What `mosh-portguard status` calls it. */
	readonly firewall: string;
	readonly tools: readonly string[];
	setUp(lab: Lab): Promise<unknown>;
}

const both = (tool: string, rule: string) => `${tool} ${rule}; ip6${tool.slice(2)} ${rule}`;

function iptables(variant: "nft" | "legacy"): Backend {
	return {
		name: `iptables-${variant}`,
		firewall: "iptables",
		tools: [`iptables-${variant}`],
		setUp: async (lab) => {
			await restoreAdminRules(lab, variant);
			await lab.server.sh(both(`iptables-${variant}`, "-I INPUT -p tcp --dport 22 -j ACCEPT"));
		},
	};
}

export const nftables: Backend = {
	name: "nftables",
	firewall: "nftables",
	tools: ["nft"],
	setUp: async (lab) => {
		await nftablesSubject.setUp(lab);
		await lab.server.sh("nft insert rule inet admin input tcp dport 22 accept");
	},
};

export const BACKENDS: readonly Backend[] = [
	{
		name: "ufw",
		firewall: "ufw",
		tools: ["ufw"],
		setUp: async (lab) => {
			await enableUfw(lab);
			await lab.server.sh("ufw allow 22/tcp");
		},
	},
	iptables("nft"),
	iptables("legacy"),
	nftables,
	{
		name: "firewalld",
		firewall: "firewalld",
		tools: ["firewalld", "firewall-cmd", "dbus-daemon"],
		setUp: async (lab) => {
			// Its zone lets ssh in by itself. The bus stands where the guard, which trusts no environment, looks for it.
			await setUpFirewalld(lab);
			await lab.server.sh("ln -s lab_bus_socket /run/dbus/system_bus_socket");
		},
	},
];
