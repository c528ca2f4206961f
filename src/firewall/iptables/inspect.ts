/** What a filter table holds of ours, and whether it stands as it must. Pure. */

import type { Family } from "../../system/addresses.js";
import type { Opening } from "../firewall.js";
import { distinct } from "../opening.js";
import { foreignRules, type Place } from "./place.js";
import { CHAIN, isJump, isOurs, readAcceptRule } from "./rule.js";
import type { FilterTable, Rule } from "./save.js";

export interface Inspection {
	/** The openings in our chain, whether or not the chain is reached. */
	readonly openings: readonly Opening[];
	/** Rules of ours outside our chain: the jump, and whatever else carries our tag. */
	readonly strays: readonly Rule[];
	readonly chainExists: boolean;
	/** Exactly one jump, at its place. */
	readonly reached: boolean;
	/** Reached, and the chain holds nothing but distinct rules of the right form. */
	readonly sound: boolean;
}

export function inspect(table: FilterTable, family: Family, place: Place | undefined): Inspection {
	const own = table.get(CHAIN)?.rules ?? [];
	const read = own.flatMap((rule) => readAcceptRule(rule, family) ?? []);
	const openings = distinct(read);
	const strays = [...table.values()]
		.filter((chain) => chain.name !== CHAIN)
		.flatMap((chain) => chain.rules.filter(isOurs));
	const reached = place !== undefined && strays.length === 1 && jumpIndex(table, place.chain) === place.index;
	return {
		openings,
		strays,
		chainExists: table.has(CHAIN),
		reached,
		sound: reached && openings.length === own.length,
	};
}

/** How many foreign rules stand before our jump in `name`, or -1 when there is no proper jump. */
function jumpIndex(table: FilterTable, name: string): number {
	const chain = table.get(name);
	const at = chain?.rules.findIndex(isJump) ?? -1;
	if (chain === undefined || at < 0) return -1;
	return foreignRules({ ...chain, rules: chain.rules.slice(0, at) }).length;
}
