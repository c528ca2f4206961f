/**
 * Finds where the jump to our chain belongs: after the administrator's own rules and before the default drop. Pure.
 * The administrator's rules are evaluated first, so their denies take precedence over our accepts.
 */

import { isManaged } from "./rule.js";
import { type Chain, type FilterTable, type Rule, targetOf, wordAfter } from "./save.js";

/** `index` counts the rules of the chain from 0, not counting managed rules. */
export interface InsertionPoint {
	readonly chain: string;
	readonly index: number;
}

/** Returns undefined when the table has no insertion point, as INPUT of an inactive ufw. */
export type FindInsertionPoint = (table: FilterTable) => InsertionPoint | undefined;

const NO_VERDICT = new Set(["LOG", "NFLOG", "ULOG", "AUDIT"]);
const DROPS = new Set(["DROP", "REJECT"]);

/**
 * Plain iptables: before the first rule, reached from INPUT, that drops every new UDP datagram, and before the log rules
 * that precede it. This may be inside a user-defined chain. Without such a rule, at the end, where the policy applies.
 */
export const beforeDefaultDrop: FindInsertionPoint = (table) => {
	const input = table.get("INPUT");
	return input ? pointIn(table, input, new Set()) : { chain: "INPUT", index: 0 };
};

function pointIn(table: FilterTable, chain: Chain, seen: Set<string>): InsertionPoint {
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
		// A chain that only logs and drops is equivalent to DROP: insert before the jump to it, not inside it.
		if (onlyDrops(next)) return { chain: chain.name, index: beforeLogs(rules, index) };
		if (isGoto || endsEveryDatagram(table, next, new Set(seen))) return pointIn(table, next, seen);
	}
	return { chain: chain.name, index: rules.length };
}

/** ufw: just before ufw-after-input, that is after the administrator's allows and denies and before the defaults of ufw. */
export function beforeChain(anchor: string): FindInsertionPoint {
	return (table) => {
		const input = table.get("INPUT");
		const index = input ? foreignRules(input).findIndex((rule) => targetOf(rule) === anchor) : -1;
		return index < 0 ? undefined : { chain: "INPUT", index };
	};
}

/** Whether new UDP datagrams are dropped unless a rule accepts them specifically. */
export function dropsByDefault(table: FilterTable): boolean {
	const input = table.get("INPUT");
	if (input === undefined) return false;
	return dropIn(table, input, new Set()) ?? input.policy === "DROP";
}

/** true: this chain drops them; false: it accepts them; undefined: evaluation continues after this chain. */
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
	return chain.rules.filter((rule) => !isManaged(rule));
}

/** Matches and options that do not restrict which new datagrams a rule applies to. */
const HARMLESS_MATCHES = new Set(["comment", "udp", "conntrack", "state", "limit"]);
const HARMLESS_OPTIONS = new Set(["--comment", "--limit", "--limit-burst"]);

/** Whether the rule applies to every first UDP datagram, whatever its source and destination. */
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
