/** The input of `iptables-restore --noflush`, which applies all of it or nothing. Pure. */

import type { Opening } from "../firewall.js";
import type { Place } from "./place.js";
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

/** Our chain anew with `openings`, every stray rule of ours deleted, and one jump at `place`. */
export function rebuildScript(openings: readonly Opening[], strays: readonly Rule[], place: Place): string {
	return filterScript([
		`:${CHAIN} - [0:0]`,
		...openings.map((opening) => `-A ${CHAIN} ${acceptRule(opening).join(" ")}`),
		...strays.map(deletion),
		`-I ${place.chain} ${place.index + 1} ${JUMP_RULE.join(" ")}`,
	]);
}

export function removeScript(strays: readonly Rule[], chainExists: boolean): string {
	return filterScript([...strays.map(deletion), ...(chainExists ? [`-F ${CHAIN}`, `-X ${CHAIN}`] : [])]);
}

/** By the rule's own words, never by its number: another program may have inserted rules since it was read. */
function deletion(rule: Rule): string {
	return rule.text.replace(/^-A /, "-D ");
}
