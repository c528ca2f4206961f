/** Rules that are there and cannot be read, as the walk meets them: what they do is not known. Pure. */

import { FAMILIES, type Family } from "../../system/addresses.js";
import type { PlainTable } from "./nft-plain.js";
import { type BaseChain, HOOKS, type Hook, type Rule } from "./rules.js";

/** @param why a sentence, shown as the rule that decided */
export function opaqueChain(
	table: string,
	hook: Hook,
	why: string,
	families: readonly Family[] = FAMILIES,
	chainName: string = hook,
): BaseChain {
	const rule: Rule = { text: why, ours: false, holds: () => true, effect: { kind: "unknown" } };
	const chain = { name: chainName, rules: [rule] };
	return {
		table,
		families,
		hook,
		devices: undefined,
		priority: 0,
		nat: false,
		policy: "accept",
		chain,
		chains: new Map([[chain.name, chain]]),
	};
}

/** Anywhere on the way in and on the way out. */
export function opaqueRules(table: string, why: string, families: readonly Family[] = FAMILIES): BaseChain[] {
	return [opaqueChain(table, "input", why, families), opaqueChain(table, "output", why, families)];
}

const FAMILIES_OF: Readonly<Record<string, readonly Family[]>> = { ip: ["ipv4"], ip6: ["ipv6"] };

/** The chains of a table whose rules are only known as text; an empty one has but its policy. */
export function plainChains({ family, name, dormant, chains }: PlainTable, why: string): BaseChain[] {
	if (dormant || family === "arp" || family === "bridge") {
		return [];
	}
	return chains.flatMap((plain): BaseChain[] => {
		const hook = HOOKS.find((known) => known === plain.hook);
		if (hook === undefined) {
			return [];
		}
		const opaque = opaqueChain(`${family} ${name}`, hook, why, FAMILIES_OF[family] ?? FAMILIES, plain.name);
		if (plain.rules.length > 0) {
			return [opaque];
		}
		const chain = { name: plain.name, rules: [] };
		const policy = plain.policy === "drop" ? "drop" : "accept";
		return [{ ...opaque, policy, chain, chains: new Map([[plain.name, chain]]) }];
	});
}
