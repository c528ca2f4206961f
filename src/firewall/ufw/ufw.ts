/**
 * ufw, through a chain of our own next to those of ufw rather than through the `ufw` command.
 * The command loses rules when two of them run at once, and its rules survive a reboot; the chain survives `ufw reload`,
 * `disable` and `enable`, and is never written to the files of ufw.
 */

import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import type { Netlink } from "../../system/netlink.js";
import { FirewallError } from "../errors.js";
import type { Firewall } from "../firewall.js";
import { ChainFirewall } from "../iptables/chain-firewall.js";
import { beforeChain } from "../iptables/insertion-point.js";
import { type Tables, type TablesByVariant, VARIANTS, type Variant } from "../iptables/variant.js";

/** The defaults of ufw start at this chain; what the administrator allowed or denied comes before it. */
const ANCHOR: Record<Family, string> = { ipv4: "ufw-after-input", ipv6: "ufw6-after-input" };

const INSERTION_POINT = { ipv4: beforeChain(ANCHOR.ipv4), ipv6: beforeChain(ANCHOR.ipv6) };

export interface UfwOptions {
	/** The rules to use. Default: those in which ufw is active. */
	readonly variant?: Variant | undefined;
	/** Told when rules were changed by others, before whoever watches them, or by us without a command. */
	readonly rulesChanged?: (() => void) | undefined;
	/** Changes rules without a command, and tells whether every change was reported. */
	readonly netlink?: Netlink | undefined;
}

export function createUfw(
	commands: Commands,
	{ variant: only, rulesChanged, netlink }: UfwOptions = {},
): Firewall {
	return new ChainFirewall({
		name: "ufw",
		commands,
		insertionPoint: INSERTION_POINT,
		inForce: isActive,
		rulesChanged,
		netlink,
		choose: (tables) => {
			const variant = activeVariants(tables).find((found) => only === undefined || found === only);
			if (variant !== undefined) {
				return variant;
			}
			throw new FirewallError("not-in-force", "ufw is not active: INPUT does not jump to its chains.");
		},
	});
}

/** The iptables variants in which ufw is active. */
export function activeVariants(tables: TablesByVariant): Variant[] {
	return VARIANTS.filter((variant) => {
		const families = tables[variant];
		return families !== undefined && isActive(families);
	});
}

/** INPUT leads to the chains of ufw; after `ufw disable` the chains remain but are not reached. */
function isActive({ ipv4 }: Tables): boolean {
	return INSERTION_POINT.ipv4(ipv4) !== undefined;
}
