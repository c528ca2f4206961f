/** What a table holds of ours, and whether it stands as it must. Pure. */

import { FirewallError } from "../errors.js";
import { CHAIN, isJump, isLookup, isOurs, ownSetsFor } from "./own.js";
import { findSites, type Site } from "./place.js";
import type { NftChain, NftTable } from "./ruleset.js";
import type { StrayRule } from "./script.js";

export function straysIn(table: NftTable): StrayRule[] {
	return [...table.chains.values()]
		.filter(({ name }) => name !== CHAIN)
		.flatMap((chain) => chain.rules.filter(isOurs).map(({ handle }) => ({ chain: chain.name, handle })));
}

/** One jump, at its place, to a chain that holds exactly our lookups; and the sets exist. */
export function isSound({ table, chain, before, families }: Site): boolean {
	const sets = ownSetsFor(families);
	const own = table.chains.get(CHAIN)?.rules ?? [];
	const lookups = own.length === sets.length && sets.every(({ name }, index) => isLookupAt(own, index, name));
	const at = chain.rules.findIndex(isJump);
	const next = chain.rules[at + 1];
	return (
		lookups &&
		sets.every(({ name }) => table.sets.has(name)) &&
		straysIn(table).length === 1 &&
		at >= 0 &&
		next?.handle === before?.handle
	);
}

function isLookupAt(rules: NftChain["rules"], index: number, set: string): boolean {
	const rule = rules[index];
	return rule !== undefined && isLookup(rule, set);
}

/** The same site in a newer listing of its table, or undefined when it no longer drops there. */
export function atTable(site: Site, table: NftTable): Site | undefined {
	try {
		return findSites([table]).find(({ chain }) => chain.name === site.chain.name);
	} catch (error) {
		if (error instanceof FirewallError) return undefined;
		throw error;
	}
}
