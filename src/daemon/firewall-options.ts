/** Maps the configuration to the options of a firewall backend; the only place that does. */

import type { Config } from "../config/schema.js";
import type { FirewallOptions } from "../firewall/create.js";

export function firewallOptions({ ufw, iptables, nftables }: Config): FirewallOptions {
	return {
		ufwMode: ufw.mode,
		variant: iptables.variant === "auto" ? undefined : iptables.variant,
		nftablesSet: nftables.set || undefined,
	};
}
