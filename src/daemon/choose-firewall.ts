/** Chooses the firewall that the configuration names or, with `auto`, the one in force. */

import type { Config } from "../config/schema.js";
import { createFirewall } from "../firewall/create.js";
import { detect } from "../firewall/detect.js";
import type { Firewall } from "../firewall/firewall.js";
import { firewallOptions } from "./firewall-options.js";
import type { Host } from "./host.js";

export interface Choice {
	readonly firewall: Firewall;
	/** Why it was chosen, in one clause. */
	readonly reason: string;
}

/**
 * An unprivileged process cannot read rules and gets "none".
 * @param persistent whether openings must last without a guard that renews them
 * @throws FirewallError `ambiguous` when several are in force
 */
export async function chooseFirewall(
	config: Config,
	{ commands, privileged }: Host,
	persistent = false,
): Promise<Choice> {
	if (!privileged) {
		return { firewall: createFirewall("none", commands), reason: "only root can see which is in force" };
	}
	const named = config.firewall.name;
	const { name, reason } = await detect(commands, { override: named === "auto" ? undefined : named });
	const firewall = createFirewall(name, commands, { ...firewallOptions(config), persistent });
	return { firewall, reason };
}
