/** Which rule of the table that drops decides for one opening. Pure. */

import type { Explanation, Opening } from "../firewall.js";
import { sameOpening } from "../opening.js";
import { outcomeOf } from "./match.js";
import { decidingRule, type Site } from "./place.js";
import type { NftRule } from "./ruleset.js";
import type { Store } from "./store.js";

export interface SiteExplanation extends Explanation {
	readonly chain: string;
	/** Of the rule that decides; undefined when the policy does. */
	readonly handle: number | undefined;
}

export function explainAtSite(site: Site, store: Store, opening: Opening): SiteExplanation {
	const { table, base } = site;
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

/** Whether a rule asks a set: ours, or the admin's that holds elements of ours. */
function looksUp(rule: NftRule): boolean {
	return JSON.stringify(rule.statements).includes('"@');
}
