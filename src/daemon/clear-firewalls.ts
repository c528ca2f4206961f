/** Removes everything that the guard manages from every firewall of this host, including those that are not in force any more. */

import { existsSync } from "node:fs";
import { FirewallCommands } from "../firewall/commands.js";
import { createFirewall, type FirewallOptions } from "../firewall/create.js";
import { attemptAll, FirewallError } from "../firewall/errors.js";
import type { FirewallName } from "../firewall/firewall.js";
import { isFirewalldRunning, SYSTEM_BUS } from "../firewall/firewalld/client.js";
import { readOrphans } from "../firewall/firewalld/orphans.js";
import { isUnsupported } from "../firewall/iptables/variant.js";
import { HELPER_SOCKET } from "../firewall/ufw/helper.js";
import { endpoint } from "../system/addresses.js";
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
	const firewalldRuns = await isFirewalldRunning(bus);
	if (firewalldRuns) {
		steps.push(["firewalld", { bus }]);
	}
	if (await canRunUfw(commands)) {
		steps.push(["ufw", { ufwMode: "command" }]);
	}
	await attemptAll(
		steps.map(([name, options]) => async () => {
			try {
				await createFirewall(name, commands, options).clear();
			} catch (error) {
				// Where the kernel has no nf_tables, nothing is in them.
				if (!isUnsupported(error)) {
					throw error;
				}
			}
		}),
	);
	if (!firewalldRuns) {
		await checkOrphans(new FirewallCommands(commands));
	}
}

/**
 * In the tables of a firewalld that was killed, nothing tells our rules from an administrator's of the same kind.
 * @throws FirewallError `owned-by-other` where there are any
 */
async function checkOrphans(commands: Commands): Promise<void> {
	const orphans = await readOrphans(commands).catch((error: unknown) => {
		if (isUnsupported(error)) {
			return [];
		}
		throw error;
	});
	if (orphans.length === 0) {
		return;
	}
	const ports = orphans.map(({ opening }) => endpoint(opening)).join(", ");
	throw new FirewallError(
		"owned-by-other",
		`firewalld is not running, but its table still opens ${ports}, perhaps for the guard. Start firewalld, or delete the rules: ${orphans.map(({ place }) => `nft delete rule ${place}`).join("; ")}`,
	);
}

/** A guard that is not root runs `ufw` through its helper; where that is missing, it never added a rule by the command. */
async function canRunUfw(commands: Commands): Promise<boolean> {
	if ((await commands.find("ufw")) === undefined) {
		return false;
	}
	return process.geteuid?.() === 0 || existsSync(HELPER_SOCKET);
}
