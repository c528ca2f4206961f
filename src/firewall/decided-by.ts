/** Puts into words which rule decides on a port, and whose it is. Pure. */

import type { Explanation } from "./firewall.js";

const OWNER = {
	guard: "the guard's rule",
	admin: "the administrator's rule",
	policy: "the default",
} as const;

/** `the administrator's rule: …`, with what it does where that is not plain; where it is unknown, what cannot be told. */
export function decidedBy({ verdict, by, rule, direction, diverted, only }: Explanation): string {
	const isAnswer = direction === "answer";
	if (verdict === "unknown") {
		return `${isAnswer ? "its answers" : "what comes in"} may be dropped: ${rule}`;
	}
	const does = diverted ? ", which sends datagrams elsewhere" : isAnswer ? ", which drops the answer" : "";
	const limited = only === undefined ? "" : `; ${only}`;
	return `${OWNER[by]}${does}: ${rule}${limited}`;
}
