/** Detects changes to the filter table by other programs: by events over nf_tables, by polling over x_tables. */

import type { Commands } from "../../system/commands.js";
import type { Netlink } from "../../system/netlink.js";
import type { Watch } from "../firewall.js";
import type { NftChange } from "../nft-change.js";
import { watchNft } from "../nft-watch.js";
import type { Variant } from "./variant.js";

/** x_tables reports no events. Two listings take 7 ms of CPU time, so this stays below 0.1 % of a core. */
const POLL_MS = 10_000;

const KINDS: readonly string[] = ["table", "chain", "rule"];
const FAMILIES: readonly string[] = ["ip", "ip6"];

export interface FilterTableEvents {
	readonly listener: (cause: string) => void;
	/** Told of changes to other rules, where the kernel reports events. */
	readonly elsewhere?: ((cause: string) => void) | undefined;
	/**
	 * Whether our rules are intact and hold exactly what we added. Comparing listings would not do: our own changes alter them
	 * too, and a table restored to an earlier state would look unchanged.
	 */
	readonly isUnchanged: () => Promise<boolean>;
	readonly netlink?: Netlink | undefined;
	readonly pollMs?: number | undefined;
}

export async function watchFilterTable(
	commands: Commands,
	variant: Variant,
	{ listener, elsewhere, isUnchanged, netlink, pollMs = POLL_MS }: FilterTableEvents,
): Promise<Watch> {
	if (variant === "nft" && (await commands.find("nft")) !== undefined) {
		return watchNft(commands, { concerns: isOfFilterTable, listener, elsewhere, netlink });
	}
	return pollFilterTable(listener, isUnchanged, pollMs);
}

function isOfFilterTable({ kind, family, table }: NftChange): boolean {
	return KINDS.includes(kind) && FAMILIES.includes(family) && table === "filter";
}

function pollFilterTable(
	listener: (cause: string) => void,
	isUnchanged: () => Promise<boolean>,
	pollMs: number,
): Watch {
	let timer: NodeJS.Timeout;
	let stopped = false;
	const poll = async () => {
		try {
			if (!(await isUnchanged()) && !stopped) {
				listener("the iptables rules changed");
			}
		} catch {
			// The next repair() needs the listing too and reports why it fails.
			if (!stopped) {
				listener("the iptables rules cannot be listed");
			}
		}
		if (!stopped) {
			schedule();
		}
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
