/** Tables of nftables as values, for tests of what is decided from a listing. */

import {
	type NftElement,
	type NftRule,
	type NftTable,
	parseRuleset,
} from "../../src/firewall/nftables/ruleset.js";
import { recorded } from "./recorded.js";

/** The ruleset in test/fixtures: an administrator's table with a chain that drops, a set for us, and ours beside it. */
export async function recordedTables(): Promise<NftTable[]> {
	return parseRuleset(await recorded("nft-ruleset.json"));
}

export async function recordedTable(): Promise<NftTable> {
	const [table] = await recordedTables();
	if (table === undefined) {
		throw new Error("The recorded ruleset has no table.");
	}
	return table;
}

export function rule(handle: number, ...statements: object[]): NftRule {
	return { handle, comment: undefined, statements: statements as NftRule["statements"] };
}

/** A condition of a rule: `udp dport 60001` is `match("udp.dport", 60001)`, `ct state new` is `match("ct.state", "new")`. */
export function match(field: string, right: unknown, op = "=="): object {
	const [first = "", second = ""] = field.split(".");
	const left =
		first === "meta" || first === "ct"
			? { [first]: { key: second } }
			: { payload: { protocol: first, field: second } };
	return { match: { op, left, right } };
}

export function portElement(port: number | string, comment?: string, expires?: number): NftElement {
	return { key: [port], comment, expires };
}

/** An `inet` table with an input chain that drops, holding `rules`. */
export function droppingTable(rules: readonly NftRule[] = [], over: Partial<NftTable> = {}): NftTable {
	const input = { name: "input", hook: "input", type: "filter", policy: "drop", rules: [...rules] };
	return {
		family: "inet",
		name: "filter",
		flags: [],
		chains: new Map([["input", input]]),
		sets: new Map(),
		names: new Map(),
		ranges: new Set(),
		...over,
	};
}
