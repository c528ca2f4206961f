/** Asks the firewall in force which rule decides on a port, and puts the answer into words. */

import { chooseFirewall } from "../../daemon/choose-firewall.js";
import { readConfig } from "../../daemon/configuration.js";
import type { Explanation, Opening } from "../../firewall/firewall.js";
import { FAMILIES, wildcardOf } from "../../system/addresses.js";
import type { Context } from "../context.js";
import { printable } from "../output/format.js";

export interface OpeningExplanation extends Explanation, Opening {}

/** Needs root. @throws ConfigError, FirewallError */
export async function explainOpenings(
	context: Context,
	openings: readonly Opening[],
): Promise<OpeningExplanation[]> {
	const { config } = readConfig(context.paths.config);
	const { firewall } = await chooseFirewall(config, context);
	const explanations: OpeningExplanation[] = [];
	for (const opening of openings) {
		const { family, address, port } = opening;
		explanations.push({ family, address, port, ...(await firewall.explain(opening)) });
	}
	return explanations;
}

/** A port on every local address of both families. */
export function everywhere(port: number): Opening[] {
	return FAMILIES.map((family) => ({ family, address: wildcardOf(family), port }));
}

const OWNER = {
	guard: "the guard's rule",
	admin: "the administrator's rule",
	policy: "the default",
} as const;

/** `the administrator's rule: …`, with the rule as the firewall lists it. */
export function decidedBy({ by, rule }: Explanation): string {
	return `${OWNER[by]}: ${printable(rule)}`;
}
