/** Finds the default drop of the host's own nftables ruleset, for each family. Pure. */

import type { Family } from "../../system/addresses.js";
import { FAMILIES } from "../../system/addresses.js";
import { FirewallError } from "../errors.js";
import type { Opening } from "../firewall.js";
import { onlyLogs, outcomeOf } from "./match.js";
import { isManaged } from "./owned-objects.js";
import type { NftChain, NftRule, NftTable } from "./ruleset.js";

/** A position in a chain of the administrator's: before the rule `before`, or at the end, where the policy applies. */
export interface InsertionPoint {
	readonly table: NftTable;
	/** The base chain at which evaluation of the table starts; `chain` may be one that it jumps to. */
	readonly base: NftChain;
	readonly chain: NftChain;
	readonly before: NftRule | undefined;
	readonly families: readonly Family[];
}

const TABLE_FAMILIES: Record<string, readonly Family[]> = { ip: ["ipv4"], ip6: ["ipv6"], inet: FAMILIES };

/** Base chains that drop new UDP datagrams by default. A datagram must be accepted in every one of them. */
export function droppingChains(tables: readonly NftTable[]): { table: NftTable; chain: NftChain }[] {
	return tables.flatMap((table) =>
		[...table.chains.values()]
			.filter(
				({ hook, type }) =>
					hook === "input" && type === "filter" && TABLE_FAMILIES[table.family] !== undefined,
			)
			.filter((chain) => dropsIn(table, chain, new Set()) ?? chain.policy === "drop")
			.map((chain) => ({ table, chain })),
	);
}

/**
 * One or two insertion points; a family that no chain drops has none.
 * @throws FirewallError `not-in-force`, `ambiguous` or `owned-by-other`
 */
export function findInsertionPoints(tables: readonly NftTable[]): InsertionPoint[] {
	const dropping = droppingChains(tables);
	if (dropping.length === 0) {
		throw new FirewallError(
			"not-in-force",
			"No input chain of nftables drops by default: nothing needs to be opened.",
		);
	}
	for (const family of FAMILIES) {
		const names = dropping
			.filter(({ table }) => TABLE_FAMILIES[table.family]?.includes(family))
			.map(({ table, chain }) => `${table.family} ${table.name} ${chain.name}`);
		if (names.length > 1) {
			throw new FirewallError(
				"ambiguous",
				`Several chains drop incoming ${family} datagrams, and an accept in one does not override a drop in another: ${names.join(", ")}.`,
			);
		}
	}
	for (const { table, chain } of dropping) {
		if (!belongsToOther(table, chain)) continue;
		throw new FirewallError(
			"owned-by-other",
			`The table ${table.family} ${table.name} drops incoming datagrams and belongs to another program: only that program can open a port.`,
		);
	}
	return dropping.map(({ table, chain }) => ({
		...pointIn(table, chain, new Set()),
		base: chain,
		families: TABLE_FAMILIES[table.family] ?? [],
	}));
}

/** firewalld sets the owner flag where the kernel supports it; iptables names its chains in capitals. */
function belongsToOther(table: NftTable, chain: NftChain): boolean {
	const isIptables = table.family !== "inet" && table.name === "filter" && chain.name === "INPUT";
	return table.flags.includes("owner") || table.name === "firewalld" || isIptables;
}

function pointIn(
	table: NftTable,
	chain: NftChain,
	seen: Set<string>,
): Omit<InsertionPoint, "families" | "base"> {
	seen.add(chain.name);
	const rules = chain.rules.filter((rule) => !isManaged(rule));
	for (const [index, rule] of rules.entries()) {
		const outcome = outcomeOf(rule, table);
		if (outcome === undefined || outcome.do === "return") continue;
		if ("target" in outcome) {
			const next = table.chains.get(outcome.target);
			if (next === undefined || seen.has(next.name)) continue;
			if (outcome.do === "goto" || dropsIn(table, next, new Set(seen)) !== undefined) {
				return pointIn(table, next, seen);
			}
			continue;
		}
		let at = index;
		while (at > 0 && onlyLogs(rules[at - 1] as NftRule)) at -= 1;
		return { table, chain, before: rules[at] };
	}
	return { table, chain, before: undefined };
}

/** true: this chain drops every new UDP datagram; false: it accepts them; undefined: evaluation continues after it. */
function dropsIn(table: NftTable, chain: NftChain, seen: Set<string>): boolean | undefined {
	const deciding = decidingRule(table, chain, seen);
	return deciding && outcomeOf(deciding.rule, table)?.do === "drop";
}

/** The rule that decides on a new datagram, to `opening` if given; only then are managed rules considered. */
export function decidingRule(
	table: NftTable,
	chain: NftChain,
	seen: Set<string>,
	opening?: Opening,
): { chain: NftChain; rule: NftRule } | undefined {
	seen.add(chain.name);
	for (const rule of chain.rules) {
		const outcome = outcomeOf(rule, table, opening);
		if (outcome === undefined) continue;
		if (outcome.do === "accept" || outcome.do === "drop") return { chain, rule };
		if (outcome.do === "return") return undefined;
		if (!("target" in outcome)) continue;
		const next = table.chains.get(outcome.target);
		if (next === undefined || seen.has(next.name)) continue;
		const deciding = decidingRule(table, next, new Set(seen), opening);
		if (deciding !== undefined) return deciding;
		if (outcome.do === "goto") return undefined;
	}
	return undefined;
}
