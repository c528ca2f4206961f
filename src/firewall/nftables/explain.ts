/** Finds the rule that decides on one opening, in the table that drops by default. Pure. */

import type { Explanation, Opening } from "../firewall.js";
import { sameOpening } from "../opening.js";
import { decidingRule, type InsertionPoint } from "./insertion-point.js";
import { outcomeOf } from "./match.js";
import type { NftRule } from "./ruleset.js";
import type { Store } from "./store.js";

export interface RuleExplanation extends Explanation {
	readonly chain: string;
	/** Handle of the deciding rule; undefined when the policy decides. */
	readonly handle: number | undefined;
}

export function explainAt(point: InsertionPoint, store: Store, opening: Opening): RuleExplanation {
	const { table, base } = point;
	const deciding = decidingRule(table, base, new Set(), opening);
	if (deciding === undefined) {
		const verdict = base.policy === "drop" ? "closed" : "open";
		const rule = `chain ${base.name} { policy ${base.policy}; }`;
		return { verdict, by: "policy", rule, chain: base.name, handle: undefined };
	}
	const { chain, rule } = deciding;
	const accepts = outcomeOf(rule, table, opening)?.do === "accept";
	const ours = accepts && looksUp(rule) && store.read(table).some((other) => sameOpening(other, opening));
	const isDefault = outcomeOf(rule, table) !== undefined;
	return {
		verdict: accepts ? "open" : "closed",
		by: ours ? "guard" : isDefault ? "policy" : "admin",
		rule: `rule ${rule.handle} of chain ${chain.name}`,
		chain: chain.name,
		handle: rule.handle,
	};
}

/** Whether a rule looks up a set: one of ours, or one of the administrator's that holds managed elements. */
function looksUp(rule: NftRule): boolean {
	return JSON.stringify(rule.statements).includes('"@');
}
