/** Creates the backend for the firewall that was detected or configured. */

import type { Commands } from "../system/commands.js";
import type { Netlink } from "../system/netlink.js";
import { Combined } from "./combined.js";
import { FirewallCommands } from "./commands.js";
import type { ActiveFirewall } from "./detect.js";
import type { Firewall, FirewallName } from "./firewall.js";
import { Firewalld } from "./firewalld/firewalld.js";
import { incomingInterfaces } from "./incoming.js";
import { createIptables } from "./iptables/iptables.js";
import type { Variant } from "./iptables/variant.js";
import { Nftables } from "./nftables/nftables.js";
import { NoFirewall } from "./none/none.js";
import { UfwCommand } from "./ufw/command.js";
import { askHelper } from "./ufw/helper.js";
import { createUfw } from "./ufw/ufw.js";

export interface FirewallOptions {
	/** `command`: every port appears in `ufw status`; ufw/command.ts describes the cost. */
	readonly ufwMode?: "chain" | "command" | undefined;
	/** Which rules, of iptables and of ufw by a chain. */
	readonly variant?: Variant | undefined;
	/** Name of a set of ports that the administrator's nftables ruleset accepts; without it our own sets are used. */
	readonly nftablesSet?: string | undefined;
	/** Openings do not expire when no guard renews them. */
	readonly persistent?: boolean;
	/** Told when rules were changed by others, before whoever watches them, or by us without a command. */
	readonly rulesChanged?: () => void;
	/** D-Bus address of firewalld. Default: the system's. */
	readonly bus?: string | undefined;
	/** Changes what the kernel holds without a command, where that is all it takes. */
	readonly netlink?: Netlink | undefined;
}

/** One that opens in each of these. Without any, nothing is filtered, as far as is known. */
export function createFirewalls(
	served: readonly ActiveFirewall[],
	system: Commands,
	options: FirewallOptions = {},
): Firewall {
	const members = served.map(({ name, variant }) =>
		createFirewall(name, system, { ...options, variant: variant ?? options.variant }),
	);
	const [only = new NoFirewall(), ...more] = members;
	return more.length === 0 ? only : new Combined(members);
}

export function createFirewall(
	name: FirewallName,
	system: Commands,
	options: FirewallOptions = {},
): Firewall {
	const commands = new FirewallCommands(system);
	switch (name) {
		case "ufw":
			if (options.ufwMode !== "command") {
				return createUfw(commands, {
					variant: options.variant,
					rulesChanged: options.rulesChanged,
					netlink: options.netlink,
				});
			}
			return new UfwCommand(commands, process.geteuid?.() === 0 ? undefined : askHelper);
		case "iptables":
			return createIptables(commands, {
				variant: options.variant,
				interfaces: () => incomingInterfaces(commands),
				rulesChanged: options.rulesChanged,
				netlink: options.netlink,
			});
		case "nftables":
			return new Nftables(commands, {
				set: options.nftablesSet,
				persistent: options.persistent,
				interfaces: () => incomingInterfaces(commands),
				netlink: options.netlink,
			});
		case "firewalld":
			return new Firewalld({ commands, bus: options.bus });
		case "none":
			return new NoFirewall();
	}
}
