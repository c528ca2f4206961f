/** The rules that nftables lists, as the walk sees them (libnftables-json(5)). Pure. */

import { FAMILIES, type Family } from "../../system/addresses.js";
import { allOf, type Condition, ConditionList, type Marking, type Noting } from "./condition-list.js";
import { UNKNOWN_MARKS, unknownMarks } from "./marks.js";
import { bitsOf, fieldOf } from "./nft-fields.js";
import type { NftRule, NftTable } from "./nft-listing.js";
import {
	isElement,
	keyOf,
	keyText,
	type Lookup,
	type Match,
	holds as matches,
	partsOf,
} from "./nft-match.js";
import { noting } from "./noted.js";
import { FAR_HOPS, type Packet } from "./packet.js";
import {
	type BaseChain,
	type Branch,
	type Chain,
	type Destination,
	type Effect,
	HOOKS,
	type Hook,
	type IsOurs,
	type Rule,
} from "./rules.js";
import type { Truth } from "./truth.js";

type Json = Readonly<Record<string, unknown>>;

export interface NftReading {
	/** Of a table's named sets and maps. */
	readonly lookupIn: (table: NftTable) => Lookup;
	readonly isOurs: IsOurs;
	/** As people call it; without it by its family and name. */
	readonly nameOf?: (table: NftTable) => string | undefined;
	/** What is known better than nft shows it. */
	readonly better?: (table: NftTable, listed: NftRule, rule: Rule) => Rule;
}

/** What passes the tables of each family of nftables, as far as it is IP. */
export const TABLE_FAMILIES: Readonly<Record<string, readonly Family[]>> = {
	ip: ["ipv4"],
	ip6: ["ipv6"],
	inet: ["ipv4", "ipv6"],
	netdev: ["ipv4", "ipv6"],
};

/**
 * Where chains of the family bridge stand, as seen by the datagrams in the frames: before and behind all others, for what comes in
 * and goes out by a bridge.
 */
export const ANY_BRIDGE = "any bridge";
const HOOKS_OF_BRIDGES: Readonly<Record<string, Hook>> = {
	prerouting: "ingress",
	input: "ingress",
	output: "egress",
	postrouting: "egress",
};

export function nftBaseChains(tables: readonly NftTable[], reading: NftReading): BaseChain[] {
	return tables.flatMap((table) => {
		const isOfBridges = table.family === "bridge";
		const families = isOfBridges ? FAMILIES : TABLE_FAMILIES[table.family];
		if (families === undefined || table.dormant) {
			return [];
		}
		const chains = readChains(table, reading);
		return table.chains.flatMap((chain): BaseChain[] => {
			const hook = isOfBridges
				? HOOKS_OF_BRIDGES[chain.hook ?? ""]
				: HOOKS.find((known) => known === chain.hook);
			if (hook === undefined) {
				return [];
			}
			return [
				{
					table: reading.nameOf?.(table) ?? `${table.family} ${table.name}`,
					families,
					hook,
					// Without a device left, such a chain stands nowhere.
					devices: isOfBridges
						? [ANY_BRIDGE]
						: hook === "ingress" || hook === "egress"
							? chain.devices
							: undefined,
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

function readChains(table: NftTable, { lookupIn, isOurs, better }: NftReading): Map<string, Chain> {
	const lookup = lookupIn(table);
	return new Map(
		table.chains.map((chain) => {
			const rules = chain.rules.map((listed) => {
				const rule = readRule(listed, chain.name, table, lookup, isOurs);
				return better?.(table, listed, rule) ?? rule;
			});
			return [chain.name, { name: chain.name, rules }];
		}),
	);
}

function readRule(rule: NftRule, chain: string, table: NftTable, lookup: Lookup, isOurs: IsOurs): Rule {
	const { conditions, effect, unread, markings, notes } = readStatements(rule.statements, table, lookup);
	// A statement that is not understood may narrow the rule, or end the walk by itself.
	if (unread) {
		conditions.push(() => "general");
	}
	const target = effect.kind === "jump" || effect.kind === "goto" ? effect.chain : undefined;
	return {
		text: rule.text,
		ours: isOurs({ chain, comment: rule.comment, target }),
		holds: allOf(conditions),
		effect: unread && effect.kind === "none" ? { kind: "unknown" } : effect,
		marks: markingBy(unread ? [({ marks }) => unknownMarks(marks)] : markings),
		notes,
		rezones: rule.statements.some(rezones),
	};
}

function markingBy(markings: readonly Marking[]): Marking | undefined {
	if (markings.length === 0) {
		return undefined;
	}
	return (packet) =>
		markings.reduce((marks, marking) => marking({ ...packet, marks }), packet.marks ?? UNKNOWN_MARKS);
}

export interface Statements {
	readonly conditions: Condition[];
	readonly effect: Effect;
	/** One after the other. */
	readonly markings: readonly Marking[];
	/** Some of them are not understood. */
	readonly unread: boolean;
	/** With what they put into sets. */
	readonly notes: Marking | undefined;
}

export function readStatements(
	statements: readonly unknown[],
	table: NftTable | undefined,
	lookup: Lookup,
): Statements {
	const list = new ConditionList();
	const markings: Marking[] = [];
	let effect: Effect = { kind: "none" };
	let unread = false;
	for (const statement of statements) {
		const [kind = "", value] = Object.entries((statement ?? {}) as Json)[0] ?? [];
		list.add(...mapped(value, lookup), ...impliedBy(kind, value));
		if (kind === "match") {
			list.add((packet) => matches(value as Match, packet, lookup));
		} else if (kind === "set" || kind === "meter" || kind === "map") {
			list.note(notingBy(value as Json, lookup));
			list.add(...updated(value as Json));
		} else if (kind === "mangle") {
			const { key, value: to } = value as Json;
			markings.push(...markingOf(key, to));
			// A connection that is not there takes no mark, and the rule goes on (net/netfilter/nft_ct.c).
			if (!("ct" in ((key ?? {}) as Json))) {
				list.add((packet) => isThere([key], packet));
			}
			if (rewrites(key, to)) {
				effect = { kind: "unknown" };
			}
		} else if (DEPENDING.has(kind)) {
			list.add((packet) => isWithin(value, packet));
		} else if (!PASSING.has(kind) && !isComment(kind, value)) {
			const ends = effectOf(kind, value, table, lookup);
			if (ends === undefined) {
				unread = true;
			} else {
				effect = ends;
			}
			// What stands behind a verdict is never reached.
			if (ends !== undefined && ends.kind !== "untracks" && ends.kind !== "none") {
				break;
			}
		}
	}
	const { conditions, notes } = list;
	return { conditions, effect, unread, markings, notes };
}

/** They neither narrow a rule nor decide anything. */
const PASSING = new Set([
	...["counter", "log", "dup", "flow", "secmark", "last"],
	...["ct helper", "ct timeout", "ct expectation"],
]);
/** Of iptables, which nft names but does not show. */
function isComment(kind: string, value: unknown): boolean {
	return kind === "xt" && (value as Json | null)?.name === "comment";
}

/**
 * nft does not list a condition that a statement implies: `meta nfproto ipv4 reject with icmp host-unreachable`, in a table of
 * both families, is listed without its first half.
 */
function impliedBy(kind: string, value: unknown): Condition[] {
	const { type, family } = (typeof value === "object" && value !== null ? value : {}) as Json;
	const isForOne = kind === "reject" || TRANSLATES.has(kind);
	const implied = IMPLIED[String(kind === "reject" ? type : family)];
	return isForOne && implied !== undefined ? [implied] : [];
}

const TRANSLATES = new Set(["dnat", "snat", "tproxy"]);

const IMPLIED: Readonly<Record<string, Condition>> = {
	icmp: ({ family }) => family === "ipv4",
	ip: ({ family }) => family === "ipv4",
	icmpv6: ({ family }) => family === "ipv6",
	ip6: ({ family }) => family === "ipv6",
	"tcp reset": () => false,
};

/** How often, how much, how many: not of the datagram. */
const DEPENDING = new Set(["limit", "quota", "ct count"]);

/** A value looked up in a map: where the map has none for the datagram, the rule ends there. */
function mapped(value: unknown, lookup: Lookup): Condition[] {
	if (typeof value !== "object" || value === null) {
		return [];
	}
	return Object.entries(value).flatMap(([name, part]) => {
		if (name !== "map" || typeof part !== "object" || part === null) {
			return mapped(part, lookup);
		}
		const { key, data } = part as Json;
		const elements = (data as Json | null)?.set;
		const right = Array.isArray(elements) ? { set: elements.map(keyOf) } : data;
		return [(packet) => matches({ op: "==", left: key, right }, packet, lookup)];
	});
}

/** A set that rules fill: what its elements count depends on what came before. */
function updated({ elem, key, stmt }: Json): Condition[] {
	const there: Condition = (packet) => isThere(partsOf(keyIn(elem ?? key)), packet);
	const counts = stmt === undefined ? [] : [stmt].flat();
	const depending = counts.map((statement): Condition => {
		const [kind = "", value] = Object.entries((statement ?? {}) as Json)[0] ?? [];
		return DEPENDING.has(kind) ? (packet) => isWithin(value, packet) : () => "general";
	});
	return [there, ...depending];
}

/** Of an element, without its timeout and the like. */
function keyIn(element: unknown): unknown {
	const { elem } = (element ?? {}) as { elem?: Json };
	return elem?.val ?? element;
}

function notingBy({ op, elem, key, set, map, name }: Json, lookup: Lookup): Noting {
	const id = lookup.nameOf?.(String(set ?? map ?? name).replace(/^@/, ""));
	return (packet, when) => {
		const { marks = UNKNOWN_MARKS } = packet;
		const fields = partsOf(keyIn(elem ?? key)).map((part) => fieldOf(part, packet));
		if (id === undefined || fields.some(({ kind }) => kind === "absent")) {
			return marks;
		}
		const entry = op === "delete" ? "gone" : "certain";
		return { ...marks, noted: noting(marks.noted, id, keyText(fields), when, entry) };
	};
}

/**
 * Whether a rate, a quota or a number of flows lets the datagram into the rule; `inv`: only what is beyond it. Of one by name,
 * a rule does not tell which.
 */
function isWithin(value: unknown, { quiet }: Packet): Truth {
	if (quiet !== true || typeof value === "string") {
		return "general";
	}
	return (value as Json | null)?.inv !== true;
}

/** Whether the datagram has the fields at all. */
function isThere(fields: readonly unknown[], packet: Packet): boolean {
	return fields.every((field) => fieldOf(field, packet).kind !== "absent");
}

function markingOf(key: unknown, value: unknown): Marking[] {
	const { meta, ct } = (key ?? {}) as { meta?: Json; ct?: Json };
	if (meta?.key === "mark") {
		return [(packet) => ({ ...(packet.marks ?? UNKNOWN_MARKS), packet: bitsOf(value, packet) })];
	}
	if (ct?.key === "mark") {
		return [(packet) => ({ ...(packet.marks ?? UNKNOWN_MARKS), connection: bitsOf(value, packet) })];
	}
	return [];
}

/** Of both directions: a zone for the original one alone has the answer looked for as before. */
function rezones(statement: unknown): boolean {
	const { mangle } = (statement ?? {}) as { mangle?: Json };
	const { key, dir } = ((mangle?.key as Json | null)?.ct ?? {}) as Json;
	return key === "zone" && dir === undefined;
}

/** A change of the header that leaves the datagram what it is; of any other it is not known what it makes of it. */
const HARMLESS = new Set([
	"dscp",
	"ecn",
	"id",
	"flowlabel",
	"priority",
	"tos",
	"checksum",
	"ttl",
	"hoplimit",
]);

function rewrites(key: unknown, value: unknown): boolean {
	const { payload, meta } = (key ?? {}) as { payload?: Json; meta?: Json };
	if (meta?.key === "pkttype") {
		return value !== "host";
	}
	const field = String(payload?.field);
	const isShort = (field === "ttl" || field === "hoplimit") && !(Number(value) >= FAR_HOPS);
	return payload !== undefined && payload.protocol !== "ether" && (isShort || !HARMLESS.has(field));
}

function effectOf(
	kind: string,
	value: unknown,
	table: NftTable | undefined,
	lookup: Lookup,
): Effect | undefined {
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
			return { kind: "diverts", ...destinationOf((value ?? {}) as Json) };
		case "fwd":
			return { kind: "diverts" };
		case "redirect": {
			const port = (value as Json | null)?.port;
			return { kind: "redirects", port: typeof port === "number" ? port : undefined };
		}
		case "snat":
			return { kind: "resends", as: destinationOf((value ?? {}) as Json).to };
		case "masquerade":
			return { kind: "resends", as: undefined };
		case "vmap":
			return verdictMap(value as Json, table, lookup);
		// A program, or the kernel's own SYN proxy, decides.
		case "queue":
		case "tproxy":
		case "synproxy":
			return { kind: "unknown" };
		default:
			return undefined;
	}
}

/** Nothing where it is looked up, or a range. */
function destinationOf({ addr, port }: Json): { readonly to?: Destination } {
	const isKnown =
		["string", "undefined"].includes(typeof addr) && ["number", "undefined"].includes(typeof port);
	return isKnown
		? {
				to: {
					...(typeof addr === "string" ? { address: addr } : {}),
					...(typeof port === "number" ? { port } : {}),
				},
			}
		: {};
}

function verdictMap({ key, data }: Json, table: NftTable | undefined, lookup: Lookup): Effect {
	const elements = typeof data === "string" ? lookup.elements(data.slice(1)) : (data as Json | null)?.set;
	if (!Array.isArray(elements)) {
		return { kind: "unknown" };
	}
	const branches = elements.map((element): Branch & { readonly wanted: unknown } => {
		const [wanted, verdict] = Array.isArray(element) ? element : [element, undefined];
		const [kind = "", value] = Object.entries((verdict ?? {}) as Json)[0] ?? [];
		return {
			wanted,
			holds: (packet) => isElement(key, wanted, packet, lookup),
			effect: effectOf(kind, value, table, lookup) ?? { kind: "unknown" },
		};
	});
	// The one for every other value counts where no other holds.
	return {
		kind: "map",
		branches: branches.sort((a, b) => Number(a.wanted === "*") - Number(b.wanted === "*")),
	};
}
