/** What the configuration asks of a firewall: the one mapping, for whoever steers it and for whoever clears it. */

import type { Config } from "../config/schema.js";
import type { FirewallOptions } from "../firewall/create.js";

export function firewallOptions({ ufw, iptables, nftables }: Config): FirewallOptions {
	return {
		ufwMode: ufw.mode,
		iptablesVariant: iptables.variant === "auto" ? undefined : iptables.variant,
		nftablesSet: nftables.set || undefined,
	};
}
