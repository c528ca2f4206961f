/** Finds the rule of a filter table that decides on the first datagram to a port, from an arbitrary source. Pure. */

import { isWildcard } from "../../system/addresses.js";
import type { Explanation, Opening } from "../firewall.js";
import { matchesEveryNewDatagram } from "./insertion-point.js";
import { isManaged } from "./rule.js";
import { type Chain, type FilterTable, type Rule, targetOf } from "./save.js";

export function explainInTable(table: FilterTable, opening: Opening): Explanation {
	const input = table.get("INPUT");
	if (input === undefined) return { verdict: "open", by: "policy", rule: "no filter table" };
	const rule = decide(table, input, opening, new Set());
	if (rule !== undefined) {
		const verdict = targetOf(rule) === "ACCEPT" ? "open" : "closed";
		const by = isManaged(rule) ? "guard" : matchesEveryNewDatagram(rule) ? "policy" : "admin";
		return { verdict, by, rule: rule.text };
	}
	const verdict = input.policy === "DROP" ? "closed" : "open";
	return { verdict, by: "policy", rule: `:INPUT ${input.policy ?? "ACCEPT"}` };
}

const VERDICTS = new Set(["ACCEPT", "DROP", "REJECT"]);

function decide(table: FilterTable, chain: Chain, opening: Opening, seen: Set<string>): Rule | undefined {
	for (const rule of chain.rules) {
		if (!matches(rule, opening)) continue;
		const target = targetOf(rule) ?? "";
		if (VERDICTS.has(target)) return rule;
		if (target === "RETURN") return undefined;
		const next = table.get(target);
		if (next === undefined || seen.has(target)) continue;
		const verdict = decide(table, next, opening, new Set([...seen, target]));
		if (verdict !== undefined) return verdict;
		if (rule.words.includes("-g")) return undefined;
	}
	return undefined;
}

/** Whether a rule certainly matches; a condition that cannot be evaluated here (source, interface, rate) counts as no. */
function matches(rule: Rule, opening: Opening): boolean {
	const { words } = rule;
	for (let at = 0; at < words.length; at += 2) {
		const option = words[at] ?? "";
		if (option === "-j" || option === "-g") return true;
		if (!holds(option, words[at + 1] ?? "", opening)) return false;
	}
	return true;
}

const KNOWN_MATCHES = new Set(["comment", "udp", "multiport", "conntrack", "state", "addrtype"]);

function holds(option: string, value: string, opening: Opening): boolean {
	switch (option) {
		case "-m":
			return KNOWN_MATCHES.has(value);
		case "--comment":
			return true;
		case "-p":
			return ["udp", "all", "17"].includes(value);
		case "-d":
			return !isWildcard(opening) && value.replace(/\/(32|128)$/, "") === opening.address;
		case "--dport":
		case "--dports":
			return value.split(",").some((part) => inRange(part, opening.port));
		case "--sport":
		case "--sports":
			return value === "1:65535";
		case "--ctstate":
		case "--state":
			return value.split(",").includes("NEW");
		case "--dst-type":
			return value === "LOCAL";
		default:
			return false;
	}
}

function inRange(part: string, port: number): boolean {
	const [first, last = first] = part.split(":");
	return Number(first) <= port && port <= Number(last);
}
