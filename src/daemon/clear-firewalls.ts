/** Takes away whatever of ours stands in any firewall of this host, also in one that is not in force any more. */

import type { Config } from "../config/schema.js";
import { createFirewall } from "../firewall/create.js";
import { attemptAll } from "../firewall/errors.js";
import type { FirewallName } from "../firewall/firewall.js";
import { isFirewalldRunning } from "../firewall/firewalld/client.js";
import type { Commands } from "../system/commands.js";
import { firewallOptions } from "./firewall-options.js";

/** Throws FirewallError after all have been tried. Only under the guard's lock. */
export async function clearFirewalls(config: Config, commands: Commands): Promise<void> {
	// Every variant of iptables, and with it what is inside ufw's chains.
	const names: FirewallName[] = ["iptables"];
	if ((await commands.find("nft")) !== undefined) names.push("nftables");
	// One that does not run has forgotten our rules.
	if (await isFirewalldRunning()) names.push("firewalld");
	if (config.ufw.mode === "command" && (await commands.find("ufw")) !== undefined) names.push("ufw");
	// Every variant: another one may have been in force before.
	const options = { ...firewallOptions(config), iptablesVariant: undefined };
	await attemptAll(names.map((name) => () => createFirewall(name, commands, options).clear()));
}
