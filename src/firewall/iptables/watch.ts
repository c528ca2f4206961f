/** Hears of changes to the filter table by other hands: at once over nf_tables, by looking again over x_tables. */

import type { Commands } from "../../system/commands.js";
import type { Watch } from "../firewall.js";
import { watchNft } from "../nft-monitor.js";
import type { Variant } from "./variant.js";

/** x_tables has no events. Two listings cost 7 ms of processor time, so this stays below 0.1 % of a core. */
const POLL_MS = 10_000;

const FILTER_TABLE = /^\S+ (rule|chain|table) (ip|ip6) filter\b/;

/**
 * `isIntact`: whether ours stands where it must and holds what we put there. The listing alone does not tell: ours change
 * it too, and a table restored to what it was at the last look would pass for unchanged.
 */
export async function watchFilterTable(
	commands: Commands,
	variant: Variant,
	listener: (cause: string) => void,
	isIntact: () => Promise<boolean>,
	pollMs = POLL_MS,
): Promise<Watch> {
	if (variant === "nft" && (await commands.find("nft")) !== undefined) {
		return watchNft(commands, { concerns: (line) => FILTER_TABLE.test(line), listener });
	}
	return pollFilterTable(listener, isIntact, pollMs);
}

function pollFilterTable(
	listener: (cause: string) => void,
	isIntact: () => Promise<boolean>,
	pollMs: number,
): Watch {
	let timer: NodeJS.Timeout;
	let stopped = false;
	const poll = async () => {
		try {
			if (!(await isIntact()) && !stopped) listener("the iptables rules changed");
		} catch {
			// What keeps the listing from working is reported by the next ensure(), which needs it too.
			if (!stopped) listener("the iptables rules cannot be listed");
		}
		if (!stopped) schedule();
	};
	const schedule = () => {
		timer = setTimeout(poll, pollMs);
	};
	schedule();
	return {
		stop: async () => {
			stopped = true;
			clearTimeout(timer);
		},
	};
}
