/** Builds the input of `iptables-restore --noflush`, which applies it as one transaction. Pure. */

import type { Opening } from "../firewall.js";
import type { InsertionPoint } from "./insertion-point.js";
import { acceptRule, CHAIN, JUMP_RULE } from "./rule.js";
import type { Rule } from "./save.js";

function filterScript(lines: readonly string[]): string {
	return ["*filter", ...lines, "COMMIT", ""].join("\n");
}

export function appendScript(openings: readonly Opening[]): string {
	return filterScript(openings.map((opening) => `-A ${CHAIN} ${acceptRule(opening).join(" ")}`));
}

export function deleteScript(openings: readonly Opening[]): string {
	return filterScript(openings.map((opening) => `-D ${CHAIN} ${acceptRule(opening).join(" ")}`));
}

/** Recreates our chain with `openings`, deletes every stray rule and inserts one jump at `point`. */
export function rebuildScript(
	openings: readonly Opening[],
	strayRules: readonly Rule[],
	point: InsertionPoint,
): string {
	return filterScript([
		`:${CHAIN} - [0:0]`,
		...openings.map((opening) => `-A ${CHAIN} ${acceptRule(opening).join(" ")}`),
		...strayRules.map(deletion),
		`-I ${point.chain} ${point.index + 1} ${JUMP_RULE.join(" ")}`,
	]);
}

export function removeScript(strayRules: readonly Rule[], chainExists: boolean): string {
	return filterScript([...strayRules.map(deletion), ...(chainExists ? [`-F ${CHAIN}`, `-X ${CHAIN}`] : [])]);
}

/** By specification, never by number: another program may have inserted rules since the table was read. */
function deletion(rule: Rule): string {
	return rule.text.replace(/^-A /, "-D ");
}
