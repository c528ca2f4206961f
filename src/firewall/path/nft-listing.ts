/** Reads what `nft -j -t list ruleset` and `nft -t -a list ruleset` print. Pure. */

import type { PlainTable } from "./nft-plain.js";

type Json = Readonly<Record<string, unknown>>;

export interface NftTable {
	readonly family: string;
	readonly name: string;
	/** Switched off by its administrator. */
	readonly dormant: boolean;
	readonly chains: readonly NftChain[];
	/** By name, maps included. */
	readonly hasSets: boolean;
	/** Which of its named look-up tables are maps. */
	readonly maps: ReadonlySet<string>;
	/** Sets and maps by name; left out where no look-up needs them. */
	readonly shapes?: ReadonlyMap<string, SetShape>;
}

export interface SetShape {
	/** Of each part of a key; empty where nft does not say. */
	readonly types: readonly string[];
	/** Elements may be ranges. */
	readonly hasRanges: boolean;
	/** Whether an element counts depends on a rate, a quota or a number of flows of its own. */
	readonly depends: boolean;
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
	/** As nft prints it for people. */
	readonly text: string;
	readonly statements: readonly unknown[];
	readonly comment: string | undefined;
}

/**
 * Tables in the order of the listing.
 * @param plain the same rules as nft prints them for people
 * @throws SyntaxError where `json` is none, TypeError where it has another form than the manual describes
 */
export function parseListing(json: string, plain: readonly PlainTable[]): NftTable[] {
	const { texts, devices, dormant } = knownFrom(plain);
	const tables = new Map<string, Building>();
	const chains = new Map<string, NftChain & { rules: NftRule[] }>();
	for (const entry of entriesOf(json)) {
		const [kind = "", of] = Object.entries(entry)[0] ?? [];
		const item = of as Json;
		const table = tables.get(`${item.family} ${item.table}`);
		const chainOf = (name: unknown) => `${item.family} ${item.table} ${name}`;
		if (kind === "table") {
			const name = `${item.family} ${item.name}`;
			// nft 1.0.6 leaves flags out of its JSON, too.
			tables.set(name, readTable(item, dormant.has(name)));
		}
		if (table !== undefined && (kind === "set" || kind === "map")) {
			table.hasSets = true;
			table.shapes.set(String(item.name), readShape(item));
		}
		if (kind === "map") {
			table?.maps.add(String(item.name));
		}
		if (kind === "chain") {
			// nft 1.0.6 leaves devices out of its JSON.
			const chain = readChain(item, devices.get(chainOf(item.name)) ?? []);
			chains.set(chainOf(item.name), chain);
			table?.chains.push(chain);
		}
		if (kind === "rule") {
			const text = texts.get(`${item.family} ${item.table} ${item.handle}`);
			chains.get(chainOf(item.chain))?.rules.push(readRule(item, text));
		}
	}
	return [...tables.values()];
}

/** The elements that `nft -j list set` or `nft -j list map` prints; an element of a map with what it maps to. */
export function parseElements(json: string): readonly unknown[] {
	for (const { set, map } of entriesOf(json) as { set?: Json; map?: Json }[]) {
		const elements = (set ?? map)?.elem;
		if (Array.isArray(elements)) {
			return elements;
		}
	}
	return [];
}

function entriesOf(json: string): readonly Json[] {
	const { nftables } = JSON.parse(json) as { nftables?: unknown };
	if (Array.isArray(nftables)) {
		return nftables;
	}
	throw new TypeError("nft printed JSON of another form than its manual describes.");
}

type Building = NftTable & {
	chains: NftChain[];
	hasSets: boolean;
	maps: Set<string>;
	shapes: Map<string, SetShape>;
};

function readTable({ family, name, flags }: Json, dormant: boolean): Building {
	return {
		family: String(family),
		name: String(name),
		dormant: dormant || words(flags).includes("dormant"),
		chains: [],
		hasSets: false,
		maps: new Set(),
		shapes: new Map(),
	};
}

const DEPENDING = ["limit", "quota", "ct count"];

function readShape({ type, flags, stmt }: Json): SetShape {
	const types = [type].flat();
	return {
		types: types.every((part) => typeof part === "string") ? types : [],
		hasRanges: words(flags).includes("interval"),
		depends: [stmt].flat().some((one) => DEPENDING.some((kind) => kind in ((one ?? {}) as Json))),
	};
}

function readChain(
	{ name, hook, type, prio, policy, dev }: Json,
	devices: readonly string[],
): NftChain & { rules: NftRule[] } {
	return {
		name: String(name),
		hook: optional(hook),
		type: optional(type),
		priority: Number(prio ?? 0),
		policy: optional(policy),
		devices: dev === undefined ? devices : words(dev),
		rules: [],
	};
}

function readRule({ expr, comment, handle }: Json, text: string | undefined): NftRule {
	return {
		text: text ?? `rule with handle ${handle}`,
		statements: Array.isArray(expr) ? expr : [],
		comment: optional(comment),
	};
}

function optional(value: unknown): string | undefined {
	return value === undefined || value === null ? undefined : String(value);
}

/** nft prints one word or a list of them. */
function words(value: unknown): string[] {
	return value === undefined || value === null ? [] : [value].flat().map(String);
}

/** Texts of rules by the family, table and handle, devices by the family, table and chain, and tables that are dormant. */
function knownFrom(plain: readonly PlainTable[]) {
	const texts = new Map<string, string>();
	const devices = new Map<string, readonly string[]>();
	const sleeping = new Set<string>();
	for (const { family, name, chains, dormant } of plain) {
		if (dormant) {
			sleeping.add(`${family} ${name}`);
		}
		for (const chain of chains) {
			devices.set(`${family} ${name} ${chain.name}`, chain.devices);
			for (const { handle, text } of chain.rules) {
				texts.set(`${family} ${name} ${handle}`, text);
			}
		}
	}
	return { texts, devices, dormant: sleeping };
}
