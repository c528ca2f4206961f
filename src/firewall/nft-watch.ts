/** Reports every change to nf_tables, made by whichever command (nft, iptables-nft, firewalld), except our own changes. */

import type { Commands } from "../system/commands.js";
import { type Netlink, unlessRefused } from "../system/netlink.js";
import { Throttle } from "../system/throttle.js";
import type { Watch } from "./firewall.js";
import { GenerationCount } from "./generation.js";
import type { NftChange, NftReports } from "./nft-change.js";
import { hearNft } from "./nft-messages.js";
import { followNft } from "./nft-monitor.js";

/** The first report comes before a first datagram would; a reload that takes 2 s is not reported a hundred times a second. */
const PACE = { delayMs: 10, intervalMs: 100 };

export interface NftEvents {
	readonly concerns: (change: NftChange) => boolean;
	readonly listener: (cause: string) => void;
	/** Told of changes to rules that are not relevant: elsewhere on the host. */
	readonly elsewhere?: ((cause: string) => void) | undefined;
	/** Tells of changes without a command, and whether every change was reported. */
	readonly netlink?: Netlink | undefined;
}

/** Elements of sets come and go by the hundred (fail2ban); rules, chains, sets and tables rarely change. */
export function isStructural({ kind }: NftChange): boolean {
	return kind !== "element";
}

/** @throws FirewallError `tool-missing` where the kernel tells nothing and nft is not installed */
export async function watchNft(commands: Commands, events: NftEvents): Promise<Watch> {
	const { concerns, netlink } = events;
	const throttle = new Throttle(events.listener, PACE);
	const elsewhere = new Throttle(events.elsewhere ?? (() => undefined), PACE);
	const count = new GenerationCount(netlink);
	const nothing = { concerned: false, other: false };
	/** Of the transaction that is being told of. */
	let seen = { ...nothing };
	const reports: NftReports = {
		changed: (change) => {
			if (concerns(change)) {
				seen.concerned = true;
			} else {
				seen.other ||= isStructural(change);
			}
		},
		committed: ({ generation, pid, program, ...transaction }) => {
			const isOurs = transaction.isOurs || commands.started(pid, program);
			const { concerned, other } = seen;
			seen = { ...nothing };
			count.saw(generation, isOurs);
			if (concerned && !isOurs) {
				throttle.event(`${program} changed the rules`);
			} else if (other && !isOurs) {
				elsewhere.event(`${program} changed rules`);
			}
		},
		missed: (cause) => {
			seen = { ...nothing };
			throttle.event(cause);
		},
	};
	const heard = netlink && (await unlessRefused(hearNft(netlink, reports), undefined));
	const stop = heard ?? (await followNft(commands, reports));
	return {
		seesAllOfNft: true,
		othersMark: () => count.othersMark(),
		stop: async () => {
			throttle.stop();
			elsewhere.stop();
			await stop();
		},
	};
}

export interface OtherRules {
	readonly listener: (cause: string) => void;
	/** As in `NftEvents`. */
	readonly netlink?: Netlink | undefined;
	/** Whether the guard itself opens ports in firewalld, which reports by D-Bus what it changes in its table, our own rules among it. */
	readonly isFirewalldOurs: boolean;
}

/**
 * For a firewall that does not see all of nf_tables itself: any change to rules of others may shut a port, or be another firewall
 * that comes. Without nft there is nothing to watch.
 */
export async function watchOtherRules(
	commands: Commands,
	{ listener, netlink, isFirewalldOurs }: OtherRules,
): Promise<Watch | undefined> {
	if ((await commands.find("nft")) === undefined) {
		return undefined;
	}
	const concerns = (change: NftChange) =>
		isStructural(change) && !(isFirewalldOurs && change.table === "firewalld");
	return watchNft(commands, { concerns, listener, netlink });
}
