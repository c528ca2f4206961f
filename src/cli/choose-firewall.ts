/** The firewall that the configuration names, or the one in force. */

import type { Config } from "../config/schema.js";
import type { Firewall } from "../firewall/firewall.js";
import { createIptables } from "../firewall/iptables/iptables.js";
import type { Commands } from "../firewall/run.js";
import { createUfw } from "../firewall/ufw/ufw.js";
import { NoFirewall } from "./no-firewall.js";

export interface Choice {
	readonly firewall: Firewall;
	/** Why this one, in one sentence. */
	readonly reason: string;
}

export async function chooseFirewall(config: Config, commands: Commands): Promise<Choice> {
	const { name } = config.firewall;
	const reason = `the configuration says firewall.name = "${name}"`;
	switch (name) {
		case "ufw":
			return { firewall: createUfw(commands), reason };
		case "iptables":
			return { firewall: createIptables(commands), reason };
		default:
			return { firewall: new NoFirewall(), reason };
	}
}
