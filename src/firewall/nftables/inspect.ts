/** Determines which managed objects a table holds and whether they are intact. Pure. */

import { FirewallError } from "../errors.js";
import {
	findInsertionPoints,
	type InsertionPoint,
	type Position,
	type SearchOptions,
} from "./insertion-point.js";
import {
	CHAIN,
	isJump,
	isLookup,
	isManaged,
	isManagedElement,
	OWN_SETS,
	ownSetsFor,
} from "./owned-objects.js";
import type { NftChain, NftElement, NftTable } from "./ruleset.js";

/** A managed rule outside our chain. */
export interface StrayRule {
	readonly chain: string;
	readonly handle: number;
}

export interface StrayElement {
	readonly set: string;
	readonly key: NftElement["key"];
}

export interface OwnedObjects {
	readonly strayRules: readonly StrayRule[];
	readonly chainExists: boolean;
	/** Names of our sets. */
	readonly sets: readonly string[];
}

export function ownedObjectsIn(table: NftTable): OwnedObjects {
	return {
		strayRules: strayRulesIn(table),
		chainExists: table.chains.has(CHAIN),
		sets: OWN_SETS.map(({ name }) => name).filter((name) => table.sets.has(name)),
	};
}

export function isEmpty({ strayRules, chainExists, sets }: OwnedObjects): boolean {
	return strayRules.length === 0 && !chainExists && sets.length === 0;
}

export function strayRulesIn(table: NftTable): StrayRule[] {
	return [...table.chains.values()]
		.filter(({ name }) => name !== CHAIN)
		.flatMap((chain) => chain.rules.filter(isManaged).map(({ handle }) => ({ chain: chain.name, handle })));
}

/**
 * Managed elements in sets of the administrator's other than `setInUse`: left over from a time when the configuration
 * named another set. `table` must have been listed with its elements.
 */
export function strayElementsIn(table: NftTable, setInUse?: string): StrayElement[] {
	const ownSets = OWN_SETS.map(({ name }) => name);
	return [...table.sets.values()]
		.filter(({ name }) => name !== setInUse && !ownSets.includes(name))
		.flatMap((set) => set.elements.filter(isManagedElement).map(({ key }) => ({ set: set.name, key })));
}

/** Whether there is exactly one jump at each position, to a chain of exactly our lookups in sets that exist. */
export function isIntact(point: InsertionPoint): boolean {
	const { table, families, also } = point;
	const sets = ownSetsFor(families);
	const own = table.chains.get(CHAIN)?.rules ?? [];
	const lookups = own.length === sets.length && sets.every(({ name }, index) => isLookupAt(own, index, name));
	return (
		lookups &&
		sets.every(({ name }) => table.sets.has(name)) &&
		strayRulesIn(table).length === 1 + also.length &&
		[point, ...also].every(hasJump)
	);
}

function hasJump({ chain, before }: Position): boolean {
	const at = chain.rules.findIndex(isJump);
	return at >= 0 && chain.rules[at + 1]?.handle === before?.handle;
}

function isLookupAt(rules: NftChain["rules"], index: number, set: string): boolean {
	const rule = rules[index];
	return rule !== undefined && isLookup(rule, set);
}

/** The insertion point in a newer listing of the table, or undefined when its chain no longer drops. */
export function relocate(
	point: InsertionPoint,
	table: NftTable,
	options: SearchOptions = {},
): InsertionPoint | undefined {
	try {
		return findInsertionPoints([table], options).find(({ chain }) => chain.name === point.chain.name);
	} catch (error) {
		if (error instanceof FirewallError) {
			return undefined;
		}
		throw error;
	}
}
