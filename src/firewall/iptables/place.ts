/**
 * Where the jump to our chain must stand: after everything the admin wrote, before the default drop. Pure.
 * The admin's rules decide first, so his denies win; whatever would drop every UDP datagram comes after us.
 */

import { isOurs } from "./rule.js";
import { type Chain, type FilterTable, type Rule, targetOf, wordAfter } from "./save.js";

/** `index` counts the chain's rules from 0, ours left out. */
export interface Place {
	readonly chain: string;
	readonly index: number;
}

/** Finds the place in a table, or undefined when this table is not what the strategy knows. */
export type Placement = (table: FilterTable) => Place | undefined;

const NO_VERDICT = new Set(["LOG", "NFLOG", "ULOG", "AUDIT"]);
const DROPS = new Set(["DROP", "REJECT"]);

/**
 * Plain iptables: from INPUT, before the first rule that drops every new UDP datagram and before the log rules that
 * belong to it; inside a chain of the admin's when the drop is there; else at the end, where the policy decides.
 */
export const beforeDefaultDrop: Placement = (table) => {
	const input = table.get("INPUT");
	return input ? placeIn(table, input, new Set()) : { chain: "INPUT", index: 0 };
};

function placeIn(table: FilterTable, chain: Chain, seen: Set<string>): Place {
	seen.add(chain.name);
	const rules = foreignRules(chain);
	for (const [index, rule] of rules.entries()) {
		if (!matchesEveryNewDatagram(rule)) continue;
		const target = targetOf(rule) ?? "";
		if (DROPS.has(target) || target === "ACCEPT")
			return { chain: chain.name, index: beforeLogs(rules, index) };
		const next = table.get(target);
		if (next === undefined || seen.has(target)) continue;
		const isGoto = rule.words.includes("-g");
		// A chain that only logs and drops is a spelled-out DROP: stand before it, not inside.
		if (onlyDrops(next)) return { chain: chain.name, index: beforeLogs(rules, index) };
		if (isGoto || endsEveryDatagram(table, next, new Set(seen))) return placeIn(table, next, seen);
	}
	return { chain: chain.name, index: rules.length };
}

/** ufw: just before ufw-after-input, that is after the user's own allows and denies and before ufw's defaults. */
export function beforeChain(anchor: string): Placement {
	return (table) => {
		const input = table.get("INPUT");
		const index = input ? foreignRules(input).findIndex((rule) => targetOf(rule) === anchor) : -1;
		return index < 0 ? undefined : { chain: "INPUT", index };
	};
}

/** Whether new UDP datagrams that no rule names are dropped. */
export function dropsByDefault(table: FilterTable): boolean {
	const input = table.get("INPUT");
	if (input === undefined) return false;
	return dropIn(table, input, new Set()) ?? input.policy === "DROP";
}

/** true: dropped here; false: accepted here; undefined: the walk goes on behind this chain. */
function dropIn(table: FilterTable, chain: Chain, seen: Set<string>): boolean | undefined {
	seen.add(chain.name);
	for (const rule of foreignRules(chain)) {
		if (!matchesEveryNewDatagram(rule)) continue;
		const target = targetOf(rule) ?? "";
		if (DROPS.has(target)) return true;
		if (target === "ACCEPT") return false;
		if (target === "RETURN") return undefined;
		const next = table.get(target);
		if (next === undefined || seen.has(target)) continue;
		const verdict = dropIn(table, next, seen);
		if (verdict !== undefined) return verdict;
		if (rule.words.includes("-g")) return undefined;
	}
	return undefined;
}

function endsEveryDatagram(table: FilterTable, chain: Chain, seen: Set<string>): boolean {
	return dropIn(table, chain, seen) !== undefined;
}

function onlyDrops(chain: Chain): boolean {
	const targets = foreignRules(chain).map((rule) =>
		matchesEveryNewDatagram(rule) ? (targetOf(rule) ?? "") : "",
	);
	return (
		targets.some((target) => DROPS.has(target)) &&
		targets.every((target) => DROPS.has(target) || NO_VERDICT.has(target))
	);
}

function beforeLogs(rules: readonly Rule[], index: number): number {
	let at = index;
	while (at > 0 && isLog(rules[at - 1])) at -= 1;
	return at;
}

function isLog(rule: Rule | undefined): boolean {
	return rule !== undefined && NO_VERDICT.has(targetOf(rule) ?? "") && matchesEveryNewDatagram(rule);
}

export function foreignRules(chain: Chain): Rule[] {
	return chain.rules.filter((rule) => !isOurs(rule));
}

/** Options that narrow nothing: how often to log, what the rule is for. */
const HARMLESS_MATCHES = new Set(["comment", "udp", "conntrack", "state", "limit"]);
const HARMLESS_OPTIONS = new Set(["--comment", "--limit", "--limit-burst"]);

/** True when no condition of the rule could spare a first UDP datagram, wherever it comes from and goes to. */
export function matchesEveryNewDatagram(rule: Rule): boolean {
	const { words } = rule;
	for (let at = 0; at < words.length; at += 2) {
		const option = words[at] ?? "";
		const value = words[at + 1] ?? "";
		if (option === "-j" || option === "-g") return true;
		if (option === "-p" && ["udp", "all", "17"].includes(value)) continue;
		if (option === "-m" && HARMLESS_MATCHES.has(value)) continue;
		if ((option === "--ctstate" || option === "--state") && value.split(",").includes("NEW")) continue;
		if (option === "--limit" && !NO_VERDICT.has(wordAfter(rule, "-j") ?? "")) return false;
		if (!HARMLESS_OPTIONS.has(option)) return false;
	}
	return true;
}
