/** Parses the output of `nft -j list ruleset`, `nft -j list table` and `nft -j list set`. Pure. */

import { FirewallError } from "../errors.js";

/** One condition or action of a rule, named as in nft's JSON: `{ match: … }`, `{ accept: null }`, `{ jump: … }`. */
export type Statement = Readonly<Record<string, unknown>>;

export interface NftRule {
	readonly handle: number;
	readonly comment: string | undefined;
	readonly statements: readonly Statement[];
}

export interface NftChain {
	readonly name: string;
	/** `input`, `forward`, …; undefined for a chain that is not a base chain. */
	readonly hook: string | undefined;
	readonly type: string | undefined;
	readonly policy: string | undefined;
	readonly rules: NftRule[];
}

export interface NftElement {
	/** One part for a plain set, several for a concatenated one. A range is text, such as `60001-60002`. */
	readonly key: readonly (string | number)[];
	readonly comment: string | undefined;
	/** Seconds left; undefined for an element that does not expire. */
	readonly expires: number | undefined;
	/** Lookups that found it, in a set that counts. */
	readonly packets?: number;
}

export interface NftSet {
	readonly name: string;
	readonly type: readonly string[];
	readonly flags: readonly string[];
	readonly elements: readonly NftElement[];
	/** Its elements count. */
	readonly counts?: true;
}

export interface NftTable {
	readonly family: string;
	readonly name: string;
	/** `owner`: another program owns the table, and only it may change the table. */
	readonly flags: readonly string[];
	readonly chains: Map<string, NftChain>;
	readonly sets: Map<string, NftSet>;
	/** Sets, and maps to verdicts, of names alone: of interfaces, protocols and the like. Few elements, and rules branch by them. */
	readonly names: Map<string, Names>;
	/** Sets and maps of ranges of one value each. */
	readonly ranges: Set<string>;
}

export interface Names {
	readonly kind: "set" | "map";
	/** As nft lists them; undefined where they have not been read. */
	readonly elements: readonly unknown[] | undefined;
}

type Json = Readonly<Record<string, unknown>>;

/** Tables in the order of the listing, without maps and flow tables. @throws FirewallError `tool-failed` */
export function parseRuleset(text: string): NftTable[] {
	const tables = new Map<string, NftTable>();
	const tableOf = (item: Json) => tables.get(`${item.family} ${item.table}`);
	for (const entry of entriesOf(text)) {
		const { table, chain, rule, set, map } = entry as Readonly<Record<string, Json | undefined>>;
		if (table) {
			tables.set(`${table.family} ${table.name}`, readTable(table));
		}
		if (chain) {
			tableOf(chain)?.chains.set(String(chain.name), readChain(chain));
		}
		if (rule) {
			tableOf(rule)?.chains.get(String(rule.chain))?.rules.push(readRule(rule));
		}
		if (set) {
			tableOf(set)?.sets.set(String(set.name), readSet(set));
		}
		for (const [kind, item] of Object.entries({ set, map })) {
			if (item !== undefined && isOfRanges(item)) {
				tableOf(item)?.ranges.add(String(item.name));
			}
			if (item !== undefined && isOfNames(item)) {
				tableOf(item)?.names.set(String(item.name), { kind: kind as Names["kind"], elements: undefined });
			}
		}
	}
	return [...tables.values()];
}

/** The set that `nft -j list set` printed; undefined where there is none. @throws FirewallError `tool-failed` */
export function parseSet(text: string): NftSet | undefined {
	const [set] = entriesOf(text).flatMap((entry) => (entry.set === undefined ? [] : [entry.set as Json]));
	return set && readSet(set);
}

const MANY = new Set(["ipv4_addr", "ipv6_addr", "ether_addr", "inet_service"]);

function isOfNames({ type, map }: Json): boolean {
	return (map === undefined || map === "verdict") && !strings(type).some((part) => MANY.has(part));
}

function isOfRanges({ type, flags }: Json): boolean {
	return strings(type).length === 1 && strings(flags).includes("interval");
}

function entriesOf(text: string): readonly Json[] {
	try {
		const { nftables } = JSON.parse(text) as { nftables?: unknown };
		if (Array.isArray(nftables)) {
			return nftables;
		}
	} catch (cause) {
		throw new FirewallError("tool-failed", "nft printed no JSON.", { cause });
	}
	throw new FirewallError("tool-failed", "nft printed JSON that does not match its documented format.");
}

function readTable(table: Json): NftTable {
	return {
		family: String(table.family),
		name: String(table.name),
		flags: strings(table.flags),
		chains: new Map(),
		sets: new Map(),
		names: new Map(),
		ranges: new Set(),
	};
}

function readChain(chain: Json): NftChain {
	return {
		name: String(chain.name),
		hook: optional(chain.hook),
		type: optional(chain.type),
		policy: optional(chain.policy),
		rules: [],
	};
}

function readRule(rule: Json): NftRule {
	return {
		handle: Number(rule.handle),
		comment: optional(rule.comment),
		statements: Array.isArray(rule.expr) ? rule.expr : [],
	};
}

function readSet(set: Json): NftSet {
	const elements = Array.isArray(set.elem) ? set.elem : [];
	return {
		name: String(set.name),
		type: strings(set.type),
		flags: strings(set.flags),
		elements: elements.map(readElement),
		...(JSON.stringify(set.stmt ?? []).includes('"counter"') ? { counts: true } : {}),
	};
}

/** An element is a bare value, or wrapped in `elem` when it has a comment or a timeout. */
function readElement(element: unknown): NftElement {
	const wrapped = (element as { elem?: Json } | null)?.elem;
	const value = wrapped === undefined ? element : wrapped.val;
	const concat = (value as { concat?: unknown } | null)?.concat;
	const parts = Array.isArray(concat) ? concat : [value];
	return {
		key: parts.map(readPart),
		comment: optional(wrapped?.comment),
		expires: typeof wrapped?.expires === "number" ? wrapped.expires : undefined,
		...packetsOf(wrapped?.counter),
	};
}

function packetsOf(counter: unknown): { packets?: number } {
	const packets = (counter as { packets?: unknown } | null | undefined)?.packets;
	return typeof packets === "number" ? { packets } : {};
}

function readPart(part: unknown): string | number {
	if (typeof part === "number" || typeof part === "string") {
		return part;
	}
	const range = (part as { range?: unknown } | null)?.range;
	return Array.isArray(range) ? range.join("-") : JSON.stringify(part);
}

function optional(value: unknown): string | undefined {
	return value === undefined || value === null ? undefined : String(value);
}

/** nft prints either one word or a list of words. */
function strings(value: unknown): string[] {
	if (value === undefined || value === null) {
		return [];
	}
	return Array.isArray(value) ? value.map(String) : [String(value)];
}
