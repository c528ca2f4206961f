/**
 * ufw, by a chain of our own beside its chains rather than by its command.
 * The command loses rules when two run at once, and its rules outlive a reboot; the chain survives `ufw reload`,
 * disable and enable, and nothing of it is ever written to ufw's files.
 */

import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { FirewallError } from "../errors.js";
import type { Firewall } from "../firewall.js";
import { ChainFirewall } from "../iptables/chain-firewall.js";
import { beforeChain } from "../iptables/place.js";
import { type Tables, type TablesByVariant, VARIANTS, type Variant } from "../iptables/variant.js";

/** ufw's own defaults start behind this chain: whatever the user allowed or denied stands before it. */
const ANCHOR: Record<Family, string> = { ipv4: "ufw-after-input", ipv6: "ufw6-after-input" };

const PLACEMENT = { ipv4: beforeChain(ANCHOR.ipv4), ipv6: beforeChain(ANCHOR.ipv6) };

export function createUfw(commands: Commands): Firewall {
	return new ChainFirewall({
		name: "ufw",
		commands,
		placement: PLACEMENT,
		inForce: isActive,
		choose: (tables) => {
			const variant = activeVariants(tables)[0];
			if (variant !== undefined) return variant;
			throw new FirewallError("not-in-force", "ufw is not active: INPUT does not jump to its chains.");
		},
	});
}

/** Where ufw is active. */
export function activeVariants(tables: TablesByVariant): Variant[] {
	return VARIANTS.filter((variant) => {
		const families = tables[variant];
		return families !== undefined && isActive(families);
	});
}

/** Its chains are reached from INPUT; the chains alone stay behind after `ufw disable`. */
function isActive({ ipv4 }: Tables): boolean {
	return PLACEMENT.ipv4(ipv4) !== undefined;
}
