/** Determines which of our rules a filter table holds and whether they are intact. Pure. */

import type { Family } from "../../system/addresses.js";
import type { Opening } from "../firewall.js";
import { distinct } from "../opening.js";
import { foreignRules, type InsertionPoint } from "./insertion-point.js";
import { CHAIN, isJump, isManaged, readAcceptRule } from "./rule.js";
import type { FilterTable, Rule } from "./save.js";

export interface Inspection {
	/** The openings in our chain, whether or not the chain is reached. */
	readonly openings: readonly Opening[];
	/** Managed rules outside our chain: the jump, and any other rule with our tag. */
	readonly strayRules: readonly Rule[];
	readonly chainExists: boolean;
	/** There is exactly one jump, at the insertion point. */
	readonly reached: boolean;
	/** Reached, and the chain holds nothing but distinct, well-formed accept rules. */
	readonly intact: boolean;
}

export function inspect(table: FilterTable, family: Family, point: InsertionPoint | undefined): Inspection {
	const own = table.get(CHAIN)?.rules ?? [];
	const read = own.flatMap((rule) => readAcceptRule(rule, family) ?? []);
	const openings = distinct(read);
	const strayRules = [...table.values()]
		.filter((chain) => chain.name !== CHAIN)
		.flatMap((chain) => chain.rules.filter(isManaged));
	const reached =
		point !== undefined && strayRules.length === 1 && jumpIndex(table, point.chain) === point.index;
	return {
		openings,
		strayRules,
		chainExists: table.has(CHAIN),
		reached,
		intact: reached && openings.length === own.length,
	};
}

/** Number of foreign rules before our jump in the chain `name`, or -1 when there is no well-formed jump. */
function jumpIndex(table: FilterTable, name: string): number {
	const chain = table.get(name);
	const at = chain?.rules.findIndex(isJump) ?? -1;
	if (chain === undefined || at < 0) {
		return -1;
	}
	return foreignRules({ ...chain, rules: chain.rules.slice(0, at) }).length;
}
