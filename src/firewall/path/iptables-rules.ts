/** The rules that `iptables-save` lists, as the walk sees them. Pure. */

import type { Family } from "../../system/addresses.js";
import { readMarking } from "./iptables-marks.js";
import { type Ipsets, readConditions } from "./iptables-match.js";
import { FAR_HOPS } from "./packet.js";
import type { BaseChain, Chain, Destination, Effect, Hook, IsOurs, Rule } from "./rules.js";
import { splitWords } from "./words.js";

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

/** A table as iptables-save prints it. */
export interface SavedTable {
	readonly name: string;
	/** Of each chain; `-` for one that is only jumped to. */
	readonly policies: ReadonlyMap<string, string>;
	/** Of each chain, in their order. */
	readonly lines: ReadonlyMap<string, readonly string[]>;
}

export function parseSaved(text: string): SavedTable[] {
	const tables: { name: string; policies: Map<string, string>; lines: Map<string, string[]> }[] = [];
	for (const line of text.split("\n")) {
		const table = tables.at(-1);
		if (line.startsWith("*")) {
			tables.push({ name: line.slice(1).trim(), policies: new Map(), lines: new Map() });
		} else if (line.startsWith(":")) {
			const [chain = "", policy = "-"] = line.slice(1).split(" ");
			table?.policies.set(chain, policy);
			table?.lines.set(chain, []);
		} else if (line.startsWith("-A ")) {
			table?.lines.get(line.split(" ", 2)[1] ?? "")?.push(line);
		}
	}
	return tables;
}

/** @param tool as people call it: `iptables`, `ip6tables-legacy` */
export function iptablesBaseChains(
	tables: readonly SavedTable[],
	family: Family,
	tool: string,
	ipsets: Ipsets,
	isOurs: IsOurs,
): BaseChain[] {
	return tables.flatMap(({ name, policies, lines }) => {
		const chains = new Map<string, Chain>(
			[...lines].map(([chain, rules]) => [
				chain,
				{ name: chain, rules: rules.map((line) => readLine(line, policies, ipsets, isOurs)) },
			]),
		);
		return [...policies].flatMap(([chain, policy]): BaseChain[] => {
			const hook = HOOK_OF[chain];
			if (hook === undefined) {
				return [];
			}
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

/** @param chains those of its table, by name */
export function readLine(
	text: string,
	chains: ReadonlyMap<string, unknown>,
	ipsets: Ipsets,
	isOurs: IsOurs,
): Rule {
	const [, chain = "", ...words] = splitWords(text);
	const { holds, target, notes } = readConditions(words, ipsets);
	const effect = effectOf(target, chains);
	const comment = words.indexOf("--comment");
	const origin = {
		chain,
		comment: comment < 0 ? undefined : words[comment + 1],
		target: effect.kind === "jump" || effect.kind === "goto" ? effect.chain : undefined,
	};
	const rezones = target[1] === "CT" && target.includes("--zone");
	return { text, ours: isOurs(origin), holds, effect, marks: readMarking(target), notes, rezones };
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

function isShort(target: string, [option = "", value]: readonly string[]): boolean {
	return (target === "TTL" || target === "HL") && option.endsWith("-set") && Number(value) < FAR_HOPS;
}

function effectOf(words: readonly string[], chains: ReadonlyMap<string, unknown>): Effect {
	const [option, target = "", ...options] = words;
	// Without a target a rule only counts.
	if (option === undefined) {
		return { kind: "none" };
	}
	if (chains.has(target)) {
		return { kind: option === "-g" ? "goto" : "jump", chain: target };
	}
	if (PASSING.has(target)) {
		return isShort(target, options) ? { kind: "unknown" } : { kind: "none" };
	}
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
			return { kind: "diverts", to: destinationOf(options[options.indexOf("--to-destination") + 1] ?? "") };
		// Within a network each address stays what it is.
		case "NETMAP":
			return { kind: "diverts", to: { address: options[options.indexOf("--to") + 1] ?? "" } };
		case "REDIRECT": {
			const ports = options[options.indexOf("--to-ports") + 1] ?? "";
			return { kind: "redirects", port: /^\d+$/.test(ports) ? Number(ports) : undefined };
		}
		case "SNAT":
			return { kind: "resends", as: destinationOf(options[options.indexOf("--to-source") + 1] ?? "") };
		case "MASQUERADE":
			return { kind: "resends", as: undefined };
		default:
			return { kind: "unknown" };
	}
}

/** `10.0.0.1`, `10.0.0.1:53`, `:53`, `[fd00::1]:53`; ranges are no place that a datagram goes to anyway. */
function destinationOf(text: string): Destination {
	const [whole, bracketed, plain, port] = /^(?:\[(.+)\]|([\d.]*))(?::(\d+))?$/.exec(text) ?? [];
	if (whole === undefined) {
		return { address: text };
	}
	const address = bracketed ?? plain;
	return { ...(address ? { address } : {}), ...(port === undefined ? {} : { port: Number(port) }) };
}
