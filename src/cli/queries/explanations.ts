/** Which rule of the firewall in force decides for a port, in words for people. */

import { chooseFirewall } from "../../daemon/choose-firewall.js";
import { readConfig } from "../../daemon/configuration.js";
import type { Explanation, Opening } from "../../firewall/firewall.js";
import { FAMILIES, wildcardOf } from "../../system/addresses.js";
import type { Context } from "../context.js";
import { printable } from "../output/format.js";

export interface Ruling extends Explanation, Opening {}

/** Root only. Throws ConfigError and FirewallError. */
export async function rulingsOf(context: Context, openings: readonly Opening[]): Promise<Ruling[]> {
	const { config } = readConfig(context.paths.config);
	const { firewall } = await chooseFirewall(config, context);
	const rulings: Ruling[] = [];
	for (const opening of openings) {
		const { family, address, port } = opening;
		rulings.push({ family, address, port, ...(await firewall.explain(opening)) });
	}
	return rulings;
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

/** `the administrator's rule: …`, in the words of the firewall's own listing. */
export function decidedBy({ by, rule }: Explanation): string {
	return `${OWNER[by]}: ${printable(rule)}`;
}
