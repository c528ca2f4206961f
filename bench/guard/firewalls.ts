/** The firewalls the guard is measured with: each set up by an administrator, dropping by default, as in the tests. */

import { firewalldSubject } from "../../test/firewall/firewalld/subject.js";
import { iptablesSubject } from "../../test/firewall/iptables/subject.js";
import { nftablesSubject } from "../../test/firewall/nftables/subject.js";
import { ufwSubject } from "../../test/firewall/ufw/subject.js";
import type { Lab } from "../../test/lab/hosts.js";

export interface LabFirewall {
	readonly name: string;
	readonly tools: readonly string[];
	setUp(lab: Lab): Promise<unknown>;
	/** Targets for the median from bind to open, in ms: of a server that is only watched, and of one that reports. */
	readonly openLimits: { readonly watch: number; readonly report: number };
}

const QUICK = { watch: 10, report: 5 };

export const UFW: LabFirewall = { ...ufwSubject, openLimits: QUICK };
export const NFTABLES: LabFirewall = { ...nftablesSubject, openLimits: QUICK };
export const IPTABLES: LabFirewall = {
	...iptablesSubject("nft"),
	openLimits: QUICK,
};

export const FIREWALLS: readonly LabFirewall[] = [
	UFW,
	IPTABLES,
	{ ...iptablesSubject("legacy"), openLimits: QUICK },
	NFTABLES,
	{
		...firewalldSubject,
		setUp: async (lab) => {
			await firewalldSubject.setUp(lab);
			// The guard as installed knows the system's bus only.
			await lab.server.sh("ln -s lab_bus_socket /run/dbus/system_bus_socket");
		},
		openLimits: { watch: 12, report: 12 },
	},
];
