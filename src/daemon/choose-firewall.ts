/** Chooses the firewall that the configuration names or, with `auto`, those in force. */

import type { Config } from "../config/schema.js";
import { createFirewalls } from "../firewall/create.js";
import { detect } from "../firewall/detect.js";
import type { Firewall } from "../firewall/firewall.js";
import { SavesByNft } from "../firewall/iptables/saves-by-nft.js";
import { SharedSaves } from "../firewall/iptables/shared-saves.js";
import { isFirstNamespace } from "../system/own-processes.js";
import { firewallOptions } from "./firewall-options.js";
import type { Host } from "./host.js";

export interface Choice {
	readonly firewall: Firewall;
	/** Why it was chosen, in one clause. */
	readonly reason: string;
	/** A sentence for each other that drops and in which nothing is opened. */
	readonly unserved: readonly string[];
	/** Some tool failed: what it would have shown is not known. */
	readonly incomplete: boolean;
}

/**
 * An unprivileged process cannot read rules: whatever is in force, it gets "none".
 * @param persistent whether openings must last without a guard that renews them
 */
export async function chooseFirewall(
	config: Config,
	{ commands, privileged, netlink }: Host,
	persistent = false,
): Promise<Choice> {
	if (!privileged) {
		const reason = "only root can see which is in force";
		return { firewall: createFirewalls([], commands), reason, unserved: [], incomplete: true };
	}
	const options = firewallOptions(config);
	const byNft = new SavesByNft(commands);
	const saves = new SharedSaves(byNft);
	const { serve, ...found } = await detect(saves, {
		override: config.firewall.name === "auto" ? undefined : config.firewall.name,
		variant: options.variant,
	});
	const rulesChanged = () => {
		byNft.forget();
		saves.forget();
	};
	// Where the kernel's numbers are not ours, its notices do not show which changes this process has made.
	const own = isFirstNamespace() ? { netlink } : {};
	return {
		firewall: createFirewalls(serve, saves, { ...options, ...own, persistent, rulesChanged }),
		...found,
	};
}
