/** Hears of changes to the filter table by other hands: at once over nf_tables, by looking again over x_tables. */

import type { Watch } from "../firewall.js";
import { watchNft } from "../nft-monitor.js";
import { FAMILIES } from "../opening.js";
import type { Commands } from "../run.js";
import { tool, type Variant } from "./variant.js";

/** x_tables has no events. Two listings cost 7 ms of processor time, so this stays below 0.1 % of a core. */
const POLL_MS = 10_000;

const FILTER_TABLE = /^\S+ (rule|chain|table) (ip|ip6) filter\b/;

export async function watchFilterTable(
	commands: Commands,
	variant: Variant,
	listener: (cause: string) => void,
	pollMs = POLL_MS,
): Promise<Watch> {
	if (variant === "nft" && (await commands.find("nft")) !== undefined) {
		return watchNft(commands, { concerns: (line) => FILTER_TABLE.test(line), listener });
	}
	return pollFilterTable(commands, variant, listener, pollMs);
}

async function pollFilterTable(
	commands: Commands,
	variant: Variant,
	listener: (cause: string) => void,
	pollMs: number,
): Promise<Watch> {
	let last = await fingerprint(commands, variant);
	let timer: NodeJS.Timeout;
	let stopped = false;
	const look = async () => {
		try {
			const now = await fingerprint(commands, variant);
			if (now !== last && !stopped) listener("the iptables rules changed");
			last = now;
		} catch {
			// What keeps the listing from working is reported by the next ensure(), which needs it too.
			if (!stopped) listener("the iptables rules cannot be listed");
		}
		if (!stopped) schedule();
	};
	const schedule = () => {
		timer = setTimeout(look, pollMs);
	};
	schedule();
	return {
		stop: async () => {
			stopped = true;
			clearTimeout(timer);
		},
	};
}

/** The listing without its dates and counters. */
async function fingerprint(commands: Commands, variant: Variant): Promise<string> {
	const listings = await Promise.all(
		FAMILIES.map((family) => commands.run(tool(family, variant, "save"), [])),
	);
	return listings.map(({ stdout }) => stdout.replace(/^#.*$|\[\d+:\d+\]/gm, "")).join("");
}
