/** The rules that nftables lists, as the walk sees them (libnftables-json(5)). Pure. */

import type { Family } from "../../system/addresses.js";
import { isElement, type Lookup, type Match, holds as matches } from "./nft-match.js";
import type { Packet } from "./packet.js";
import type { BaseChain, Branch, Chain, Effect, Rule } from "./rules.js";
import { HOOKS } from "./rules.js";
import { all, type Truth } from "./truth.js";

type Json = Readonly<Record<string, unknown>>;

export interface NftTable {
	readonly family: string;
	readonly name: string;
	readonly flags: readonly string[];
	readonly chains: readonly NftChain[];
	readonly maps: ReadonlyMap<string, readonly unknown[] | undefined>;
}

export interface NftChain {
	readonly name: string;
	readonly hook: string | undefined;
	readonly type: string | undefined;
	readonly priority: number;
	readonly policy: string | undefined;
	readonly devices: readonly string[];
	readonly rules: readonly NftRule[];
}

export interface NftRule {
	readonly statements: readonly Json[];
	readonly comment: string | undefined;
}

/** Whether a named set of a table has an element. */
export type Sets = (
	family: string,
	table: string,
	set: string,
	key: readonly string[],
) => boolean | undefined;

const FAMILIES: Readonly<Record<string, readonly Family[]>> = {
	ip: ["ipv4"],
	ip6: ["ipv6"],
	inet: ["ipv4", "ipv6"],
	netdev: ["ipv4", "ipv6"],
};

/** @param isOurs which rules this program wrote */
export function nftBaseChains(
	tables: readonly NftTable[],
	sets: Sets,
	isOurs: (rule: NftRule) => boolean,
): BaseChain[] {
	return tables.flatMap((table) => {
		const families = FAMILIES[table.family];
		if (families === undefined || table.flags.includes("dormant")) return [];
		const lookup: Lookup = (set, key) => sets(table.family, table.name, set, key);
		const chains = new Map(
			table.chains.map(({ name, rules }): [string, Chain] => [
				name,
				{ name, rules: rules.map((rule) => readRule(rule, table, lookup, isOurs)) },
			]),
		);
		return table.chains.flatMap((chain): BaseChain[] => {
			const hook = HOOKS.find((known) => known === chain.hook);
			if (hook === undefined) return [];
			return [
				{
					table: `${table.family} ${table.name}`,
					families,
					hook,
					devices: chain.devices.length === 0 ? undefined : chain.devices,
					priority: chain.priority,
					nat: chain.type === "nat",
					policy: chain.policy === "drop" ? "drop" : "accept",
					chain: chains.get(chain.name) as Chain,
					chains,
				},
			];
		});
	});
}

function readRule(rule: NftRule, table: NftTable, lookup: Lookup, isOurs: (rule: NftRule) => boolean): Rule {
	const conditions: ((packet: Packet) => Truth)[] = [];
	let effect: Effect = { kind: "none" };
	let unread = false;
	for (const statement of rule.statements) {
		const [kind = ""] = Object.keys(statement);
		const value = statement[kind];
		if (kind === "match") {
			conditions.push((packet) => matches(value as Match, packet, lookup));
			continue;
		}
		if (PASSING.has(kind)) continue;
		if (DEPENDING.has(kind)) {
			conditions.push(() => "general");
			continue;
		}
		const ends = effectOf(kind, value, table, lookup);
		if (ends !== undefined) {
			effect = ends;
			// What stands behind a verdict is never reached; behind these it is.
			if (ends.kind !== "untracks" && ends.kind !== "none") break;
			continue;
		}
		unread = true;
	}
	// A statement that is not understood may narrow the rule, or end the walk by itself.
	if (unread) conditions.push(() => "general");
	if (unread && effect.kind === "none") effect = { kind: "unknown" };
	return {
		text: textOf(rule),
		ours: isOurs(rule),
		holds: (packet) => all(conditions.map((condition) => condition(packet))),
		effect,
	};
}

/** They neither narrow a rule nor decide anything. */
const PASSING = new Set([
	"counter",
	"log",
	"mangle",
	"dup",
	"set",
	"map",
	"ct helper",
	"ct timeout",
	"ct expectation",
	"flow",
	"secmark",
	"last",
]);
/** How often, how much, how many: not of the datagram. */
const DEPENDING = new Set(["limit", "quota", "ct count", "meter"]);

function effectOf(kind: string, value: unknown, table: NftTable, lookup: Lookup): Effect | undefined {
	switch (kind) {
		case "accept":
		case "drop":
		case "reject":
			return { kind: "verdict", verdict: kind };
		case "continue":
			return { kind: "none" };
		case "return":
			return { kind: "return" };
		case "jump":
		case "goto":
			return { kind, chain: String((value as Json | null)?.target) };
		case "notrack":
			return { kind: "untracks" };
		case "dnat":
		case "redirect":
			return { kind: "diverts" };
		case "snat":
		case "masquerade":
			return { kind: "verdict", verdict: "accept" };
		case "vmap":
			return verdictMap(value as Json, table, lookup);
		// A program, or the kernel's own SYN proxy, decides.
		case "queue":
		case "tproxy":
		case "fwd":
		case "synproxy":
			return { kind: "unknown" };
		default:
			return undefined;
	}
}

function verdictMap({ key, data }: Json, table: NftTable, lookup: Lookup): Effect {
	const elements =
		typeof data === "string" ? table.maps.get(data.slice(1)) : ((data as Json | null)?.set as unknown);
	if (!Array.isArray(elements)) return { kind: "unknown" };
	const branches = elements.map((element): Branch => {
		const [wanted, verdict] = Array.isArray(element) ? element : [element, undefined];
		const [kind = ""] = Object.keys((verdict ?? {}) as Json);
		return {
			holds: (packet) => isElement(key, wanted, packet, lookup),
			effect: effectOf(kind, (verdict as Json | undefined)?.[kind], table, lookup) ?? { kind: "unknown" },
		};
	});
	return { kind: "map", branches };
}

function textOf({ statements, comment }: NftRule): string {
	const text = JSON.stringify(statements);
	return comment === undefined ? text : `${text} comment ${JSON.stringify(comment)}`;
}
