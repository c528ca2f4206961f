/**
 * Notices changes to the tables of iptables-legacy, whichever of them: x_tables reports no events, so where there are such tables,
 * their listing is compared. Our own rules in them are left out.
 */

import { FAMILIES, type Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import type { Watch } from "../firewall.js";
import { type LegacyNames, readLegacyNames } from "../path/legacy-names.js";
import { CHAIN } from "./rule.js";
import { tool } from "./variant.js";

/** Where there are no such tables, a look reads two files of /proc; where there are, two listings take 7 ms of CPU time. */
const POLL_MS = 10_000;
/** Of packets and bytes. */
const COUNTERS = / \[\d+:\d+\]$/gm;

export interface LegacyWatchOptions {
	readonly pollMs?: number;
	/** The `net` folder in proc of a process in the network namespace that the commands run in. */
	readonly net?: string;
}

export function watchLegacyTables(
	commands: Commands,
	listener: (cause: string) => void,
	{ pollMs = POLL_MS, net = "/proc/self/net" }: LegacyWatchOptions = {},
): Watch {
	let known: string | undefined;
	let timer: NodeJS.Timeout;
	let stopped = false;
	const poll = async () => {
		const seen = await look(commands, net);
		if (stopped) {
			return;
		}
		if (known !== undefined && seen !== known) {
			listener("the rules of iptables-legacy changed");
		}
		known = seen;
		timer = setTimeout(poll, pollMs);
	};
	void poll();
	return {
		stop: async () => {
			stopped = true;
			clearTimeout(timer);
		},
	};
}

async function look(commands: Commands, net: string): Promise<string> {
	const parts = await Promise.all(
		FAMILIES.map(async (family) => listing(commands, family, await readLegacyNames(family, net))),
	);
	return parts.join("\n");
}

async function listing(commands: Commands, family: Family, found: LegacyNames): Promise<string> {
	if ("unreadable" in found) {
		return "unreadable";
	}
	if (found.names.length === 0) {
		return "";
	}
	try {
		const { stdout } = await commands.run(tool(family, "legacy", "save"), []);
		const lines = stdout.replace(COUNTERS, "").split("\n");
		return lines.filter((line) => !line.startsWith("#") && !line.includes(CHAIN)).join("\n");
	} catch {
		return "not listed";
	}
}
