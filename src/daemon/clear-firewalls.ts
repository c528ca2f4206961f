/** Removes everything that the guard manages from every firewall of this host, including those that are not in force any more. */

import { existsSync } from "node:fs";
import { createFirewall, type FirewallOptions } from "../firewall/create.js";
import { attemptAll } from "../firewall/errors.js";
import type { FirewallName } from "../firewall/firewall.js";
import { isFirewalldRunning, SYSTEM_BUS } from "../firewall/firewalld/client.js";
import { HELPER_SOCKET } from "../firewall/ufw/helper.js";
import type { Commands } from "../system/commands.js";

/**
 * Independent of the configuration, which may have changed since the ports were opened, or be invalid now: managed objects
 * are recognised by name or tag. Only under the guard's lock.
 * @param bus D-Bus address at which firewalld is sought
 * @throws FirewallError after every firewall has been tried
 */
export async function clearFirewalls(commands: Commands, bus = SYSTEM_BUS): Promise<void> {
	const steps: [FirewallName, FirewallOptions][] = [
		// Both variants, and with them the chain that is used beside those of ufw.
		["iptables", {}],
	];
	if ((await commands.find("nft")) !== undefined) {
		steps.push(["nftables", {}]);
	}
	// When firewalld stops, it drops runtime rules.
	if (await isFirewalldRunning(bus)) {
		steps.push(["firewalld", { bus }]);
	}
	if (await canRunUfw(commands)) {
		steps.push(["ufw", { ufwMode: "command" }]);
	}
	await attemptAll(
		steps.map(
			([name, options]) =>
				() =>
					createFirewall(name, commands, options).clear(),
		),
	);
}

/** A guard that is not root runs `ufw` through its helper; where that is missing, it never added a rule by the command. */
async function canRunUfw(commands: Commands): Promise<boolean> {
	if ((await commands.find("ufw")) === undefined) {
		return false;
	}
	return process.geteuid?.() === 0 || existsSync(HELPER_SOCKET);
}
