/** Evaluates a rule of nftables for a new UDP datagram. Pure. */

import { isWildcard } from "../../system/addresses.js";
import type { Opening } from "../firewall.js";
import type { NftRule, NftSet, NftTable, Statement } from "./ruleset.js";

export type Outcome =
	| { readonly do: "accept" | "drop" | "return" }
	| { readonly do: "jump" | "goto"; readonly target: string };

/** Statements that neither restrict a rule nor decide anything. */
const NEUTRAL = ["counter", "log"];

/**
 * What the rule does with the first datagram to `opening` or, without an opening, with every first UDP datagram.
 * A condition on anything else (source, interface, rate) counts as not met; the result is then undefined.
 */
export function outcomeOf(rule: NftRule, table: NftTable, opening?: Opening): Outcome | undefined {
	for (const statement of rule.statements) {
		const [kind = ""] = Object.keys(statement);
		if (kind === "match") {
			if (!holds(statement[kind] as Match, table.sets, opening)) {
				return undefined;
			}
		} else if (kind === "accept" || kind === "drop" || kind === "return") {
			return { do: kind };
		} else if (kind === "reject") {
			return { do: "drop" };
		} else if (kind === "jump" || kind === "goto") {
			return { do: kind, target: String((statement[kind] as { target?: unknown }).target) };
		} else if (!NEUTRAL.includes(kind)) {
			return undefined;
		}
	}
	return undefined;
}

/** Whether a rule only logs, at whatever rate: it then belongs to the drop that follows it. */
export function onlyLogs(rule: NftRule): boolean {
	const kinds = rule.statements.flatMap((statement) => Object.keys(statement));
	return kinds.includes("log") && kinds.every((kind) => ["log", "limit", "counter"].includes(kind));
}

interface Match {
	readonly op: string;
	readonly left: unknown;
	readonly right: unknown;
}

type Field = "port" | "address" | "family" | "protocol" | "state" | "other";

function holds(match: Match, sets: ReadonlyMap<string, NftSet>, opening: Opening | undefined): boolean {
	if (match.op !== "==" && match.op !== "in") {
		return false;
	}
	const concat = (match.left as { concat?: Statement[] }).concat;
	const values = (concat ?? [match.left as Statement]).map((part) => partOf(fieldOf(part), opening));
	if (values.includes(undefined)) {
		return false;
	}
	const wanted = typeof match.right === "string" && match.right.startsWith("@") ? undefined : match.right;
	if (wanted === undefined) {
		const set = sets.get(String(match.right).slice(1));
		return set?.elements.some(({ key }) => key.every((part, index) => part === values[index])) ?? false;
	}
	return values.length === 1 && includes(wanted, values[0] as string | number);
}

function fieldOf(left: Statement): Field {
	const { payload, meta, ct } = left as Record<"payload" | "meta" | "ct", Record<string, string> | undefined>;
	if (payload?.protocol === "udp" || payload?.protocol === "th") {
		return payload.field === "dport" ? "port" : "other";
	}
	if (payload?.field === "daddr") {
		return "address";
	}
	if (payload?.field === "protocol" || payload?.field === "nexthdr" || meta?.key === "l4proto") {
		return "protocol";
	}
	if (meta?.key === "nfproto") {
		return "family";
	}
	return ct?.key === "state" ? "state" : "other";
}

/** The datagram's value of the field; undefined when it is not certain. */
function partOf(field: Field, opening: Opening | undefined): string | number | undefined {
	if (field === "protocol") {
		return "udp";
	}
	if (field === "state") {
		return "new";
	}
	if (opening === undefined || field === "other") {
		return undefined;
	}
	if (field === "port") {
		return opening.port;
	}
	if (field === "family") {
		return opening.family;
	}
	return isWildcard(opening) ? undefined : opening.address;
}

function includes(wanted: unknown, value: string | number): boolean {
	if (Array.isArray(wanted)) {
		return wanted.some((part) => includes(part, value));
	}
	if (typeof wanted !== "object" || wanted === null) {
		return wanted === value;
	}
	const { set, range } = wanted as { set?: unknown[]; range?: unknown[] };
	if (set !== undefined) {
		return includes(set, value);
	}
	if (range === undefined || typeof value !== "number") {
		return false;
	}
	return Number(range[0]) <= value && value <= Number(range[1]);
}
