/**
 * Reads the whole rule set of the host, whichever tools wrote it. No tool's absence or failure ends the reading: it is a fact to
 * report, and what may have rules that cannot be read stands in their place as rules whose outcome is not known.
 */

import type { Commands } from "../../system/commands.js";
import type { NetlinkQuestions } from "../../system/netlink.js";
import { type Fact, Findings, type Unread } from "./findings.js";
import { type LearnOptions, Memberships } from "./memberships.js";
import { IptablesReading } from "./read-iptables.js";
import { NftReading } from "./read-nft.js";
import type { BaseChain, IsOurs } from "./rules.js";

export interface HostRules {
	readonly chains: readonly BaseChain[];
	readonly facts: readonly Fact[];
	readonly unread: readonly Unread[];
	/**
	 * Reads the named sets that walks asked for since the last call; walk again after it.
	 * False when nothing was asked for, or no more is to be had.
	 */
	learn(options?: LearnOptions): Promise<boolean>;
}

export interface ReadOptions {
	readonly isOurs?: IsOurs;
	/** The `net` folder in proc of a process in the network namespace that `commands` runs in. */
	readonly net?: string;
	/** Of that network namespace. */
	readonly netlink?: NetlinkQuestions | undefined;
}

export async function readRules(
	commands: Commands,
	{ isOurs = () => false, net = "/proc/self/net", netlink }: ReadOptions = {},
): Promise<HostRules> {
	const findings = new Findings();
	const memberships = new Memberships(commands, netlink);
	const iptables = new IptablesReading(commands, findings, memberships, isOurs);
	const native = await new NftReading(commands, findings, memberships, iptables, isOurs).chains();
	const legacy = [...(await iptables.legacy("ipv4", net)), ...(await iptables.legacy("ipv6", net))];
	return {
		chains: [...native, ...legacy],
		facts: findings.facts,
		unread: findings.unread,
		learn: (options) => memberships.learn(options),
	};
}
