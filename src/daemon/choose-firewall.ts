/** The firewall that the configuration names, or the one in force. */

import type { Config } from "../config/schema.js";
import { createFirewall } from "../firewall/create.js";
import { detect } from "../firewall/detect.js";
import type { Firewall } from "../firewall/firewall.js";
import { firewallOptions } from "./firewall-options.js";
import type { Host } from "./host.js";

export interface Choice {
	readonly firewall: Firewall;
	/** Why this one, in one sentence. */
	readonly reason: string;
}

/**
 * `lasting`: nobody stays to renew what is opened.
 * Throws FirewallError, `ambiguous` when several are in force. Who is not root sees no rules and gets "none".
 */
export async function chooseFirewall(
	config: Config,
	{ commands, privileged }: Host,
	lasting = false,
): Promise<Choice> {
	if (!privileged)
		return { firewall: createFirewall("none", commands), reason: "only root can see which is in force" };
	const named = config.firewall.name;
	const { name, reason } = await detect(commands, { override: named === "auto" ? undefined : named });
	const firewall = createFirewall(name, commands, { ...firewallOptions(config), lasting });
	return { firewall, reason };
}
