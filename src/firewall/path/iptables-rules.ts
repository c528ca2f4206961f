/** The rules that `iptables-save` lists, as the walk sees them. Pure. */

import type { Family } from "../../system/addresses.js";
import { splitWords } from "../iptables/save.js";
import { type IpsetLookup, readConditions } from "./iptables-match.js";
import type { BaseChain, Chain, Effect, Hook, Rule } from "./rules.js";

/** Hooks of the kernel's own chains, and priorities of the tables (linux/netfilter_ipv4.h). */
const HOOK_OF: Readonly<Record<string, Hook>> = {
	PREROUTING: "prerouting",
	INPUT: "input",
	OUTPUT: "output",
	POSTROUTING: "postrouting",
};
const PRIORITY_OF: Readonly<Record<string, number>> = {
	raw: -300,
	mangle: -150,
	nat: -100,
	filter: 0,
	security: 50,
};
/** Source translation comes last of all: of POSTROUTING and INPUT in table nat. */
const SOURCE_NAT_PRIORITY = 100;

export interface SavedTables {
	readonly family: Family;
	/** How people call it: `iptables`, `ip6tables-legacy`. */
	readonly tool: string;
	/** What the tool printed. */
	readonly text: string;
}

/** @param isOurs which lines this program wrote */
export function iptablesBaseChains(
	{ family, tool, text }: SavedTables,
	ipset: IpsetLookup,
	isOurs: (words: readonly string[]) => boolean,
): BaseChain[] {
	return tablesOf(text).flatMap(({ name, policies, lines }) => {
		const chains = new Map<string, Chain & { rules: Rule[] }>(
			[...policies.keys()].map((chain) => [chain, { name: chain, rules: [] }]),
		);
		for (const line of lines) {
			const [, chain = "", ...words] = splitWords(line);
			chains.get(chain)?.rules.push(readRule(line, words, chains, ipset, isOurs));
		}
		return [...policies].flatMap(([chain, policy]): BaseChain[] => {
			const hook = HOOK_OF[chain];
			if (hook === undefined) return [];
			const isSourceNat = name === "nat" && (hook === "postrouting" || hook === "input");
			return [
				{
					table: `${tool} ${name}`,
					families: [family],
					hook,
					devices: undefined,
					priority: isSourceNat ? SOURCE_NAT_PRIORITY : (PRIORITY_OF[name] ?? 0),
					nat: name === "nat",
					policy: policy === "DROP" ? "drop" : "accept",
					chain: chains.get(chain) as Chain,
					chains,
				},
			];
		});
	});
}

interface SavedTable {
	readonly name: string;
	/** Of each chain; `-` for one that is only jumped to. */
	readonly policies: Map<string, string>;
	readonly lines: string[];
}

function tablesOf(text: string): SavedTable[] {
	const tables: SavedTable[] = [];
	for (const line of text.split("\n")) {
		const table = tables.at(-1);
		if (line.startsWith("*")) tables.push({ name: line.slice(1).trim(), policies: new Map(), lines: [] });
		else if (line.startsWith(":")) {
			const [chain = "", policy = "-"] = line.slice(1).split(" ");
			table?.policies.set(chain, policy);
		} else if (line.startsWith("-A ")) table?.lines.push(line);
	}
	return tables;
}

function readRule(
	text: string,
	words: readonly string[],
	chains: ReadonlyMap<string, Chain>,
	ipset: IpsetLookup,
	isOurs: (words: readonly string[]) => boolean,
): Rule {
	const { holds, target } = readConditions(words, ipset);
	return { text, ours: isOurs(words), holds, effect: effectOf(target, chains) };
}

/** They mark, log or change the datagram, and the walk goes on. */
const PASSING = new Set([
	...[
		"LOG",
		"NFLOG",
		"ULOG",
		"AUDIT",
		"TRACE",
		"MARK",
		"CONNMARK",
		"CLASSIFY",
		"TOS",
		"DSCP",
		"TTL",
		"HL",
		"SET",
	],
	...["TCPMSS", "CHECKSUM", "SECMARK", "CONNSECMARK", "TEE", "RATEEST", "IDLETIMER", "LED"],
]);

function effectOf(words: readonly string[], chains: ReadonlyMap<string, Chain>): Effect {
	const [option, target = "", ...options] = words;
	// Without a target a rule only counts.
	if (option === undefined) return { kind: "none" };
	if (chains.has(target)) return { kind: option === "-g" ? "goto" : "jump", chain: target };
	if (PASSING.has(target)) return { kind: "none" };
	switch (target) {
		case "ACCEPT":
			return { kind: "verdict", verdict: "accept" };
		case "DROP":
			return { kind: "verdict", verdict: "drop" };
		case "REJECT":
			return { kind: "verdict", verdict: "reject" };
		case "RETURN":
			return { kind: "return" };
		case "NOTRACK":
			return { kind: "untracks" };
		case "CT":
			return { kind: options.includes("--notrack") ? "untracks" : "none" };
		case "DNAT":
		case "REDIRECT":
		case "NETMAP":
			return { kind: "diverts" };
		case "SNAT":
		case "MASQUERADE":
			return { kind: "verdict", verdict: "accept" };
		default:
			return { kind: "unknown" };
	}
}
