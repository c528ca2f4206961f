/** Finds the default drop of the host's own nftables ruleset, for each family. Pure. */

import type { Family } from "../../system/addresses.js";
import { FirewallError } from "../errors.js";
import { TAG } from "../opening.js";
import { isOfIptables as isNamedAsIptables } from "../path/iptables-pairs.js";
import type { NftTable as ListedTable } from "../path/nft-listing.js";
import type { Lookup } from "../path/nft-match.js";
import { nftBaseChains, TABLE_FAMILIES } from "../path/nft-rules.js";
import type { BaseChain } from "../path/rules.js";
import { findPlace, type Interfaces, type Placement } from "../placement.js";
import { Remembered } from "../remembered.js";
import { CHAIN, isManaged } from "./owned-objects.js";
import type { NftChain, NftRule, NftTable } from "./ruleset.js";

/** A position in a chain of the administrator's: before the rule `before`, or at the end, where the policy applies. */
export interface Position {
	/** The base chain at which evaluation of the table starts; `chain` may be one that it jumps to. */
	readonly base: NftChain;
	readonly chain: NftChain;
	readonly before: NftRule | undefined;
}

export interface InsertionPoint extends Position {
	readonly table: NftTable;
	/** Positions for further base chains of the table that drop too: a datagram must be accepted in each. */
	readonly also: readonly Position[];
	readonly families: readonly Family[];
}

/** Base chains that drop new UDP datagrams by default. A datagram must be accepted in every one of them. */
export function droppingChains(
	tables: readonly NftTable[],
	interfaces: Interfaces = {},
): { table: NftTable; chain: NftChain }[] {
	return tables
		.filter(({ family, flags }) => TABLE_FAMILIES[family] !== undefined && !flags.includes("dormant"))
		.flatMap((table) => {
			const candidates = [...table.chains.values()].filter(
				({ hook, type }) => hook === "input" && type === "filter",
			);
			return candidates
				.filter((chain) => placementIn(table, chain, interfaces).kind !== "not-needed")
				.map((chain) => ({ table, chain }));
		});
}

const placements = new Remembered<Placement>();

function placementIn(table: NftTable, base: NftChain, interfaces: Interfaces): Placement {
	const chains = [...table.chains.values()].map(({ rules, ...chain }) => [
		chain,
		...rules.filter((rule) => !isManaged(rule)).map(({ statements }) => statements),
	]);
	const key = JSON.stringify([table.family, base.name, interfaces, chains, [...table.names]]);
	return placements.get(key, () => {
		const walked = toBaseChains(table).find(({ chain }) => chain.name === base.name);
		if (walked === undefined) {
			return { kind: "not-needed" };
		}
		return findPlace(walked, {
			interfaces,
			isLog: ({ text }) => text === LOG,
			baseChains: [...table.chains.values()].filter(({ hook }) => hook !== undefined).map(({ name }) => name),
		});
	});
}

/** What is in sets of addresses and ports is not read: a rule that asks for one names what it asks for. */
function lookupIn({ names }: NftTable): Lookup {
	return { elements: (set) => names.get(set)?.elements, has: () => undefined };
}

function toBaseChains(table: NftTable): BaseChain[] {
	return nftBaseChains([toListed(table)], {
		lookupIn: () => lookupIn(table),
		isOurs: ({ comment, target }) => comment === TAG || target === CHAIN,
	});
}

/** The table as the walk reads it. */
export function toListed(table: NftTable): ListedTable {
	const chains = [...table.chains.values()].map((chain) => ({
		...chain,
		priority: 0,
		devices: [],
		rules: chain.rules.map((rule) => ({ ...rule, text: onlyLogs(rule) ? LOG : `rule ${rule.handle}` })),
	}));
	const hasSets = table.sets.size + table.names.size + table.ranges.size > 0;
	return { ...table, dormant: table.flags.includes("dormant"), chains, hasSets, maps: new Set<string>() };
}

const LOG = "log";

/** Whether a rule only logs, at whatever rate: it then belongs to the drop that follows it. */
export function onlyLogs(rule: NftRule): boolean {
	const kinds = rule.statements.flatMap((statement) => Object.keys(statement));
	return kinds.includes("log") && kinds.every((kind) => ["log", "limit", "counter"].includes(kind));
}

export interface SearchOptions {
	readonly interfaces?: Interfaces | undefined;
	/** Tables that iptables keeps. Default: all that look like its own. */
	readonly isOfIptables?: (table: NftTable) => boolean;
}

/**
 * One insertion point for each table that drops, other than those of other programs; a family that no chain drops has none.
 * @throws FirewallError `not-in-force`, `no-place` or `owned-by-other`
 */
export function findInsertionPoints(
	tables: readonly NftTable[],
	{ interfaces = {}, isOfIptables = looksLikeIptables }: SearchOptions = {},
): InsertionPoint[] {
	const dropping = droppingChains(tables, interfaces);
	if (dropping.length === 0) {
		throw new FirewallError(
			"not-in-force",
			"No input chain of nftables drops by default: nothing needs to be opened.",
		);
	}
	const own = dropping.filter(({ table }) => !belongsToOther(table) && !isOfIptables(table));
	const [foreign] = dropping;
	if (own.length === 0 && foreign !== undefined) {
		const { family, name } = foreign.table;
		throw new FirewallError(
			"owned-by-other",
			`The table ${family} ${name} drops incoming datagrams and belongs to another program: only that program can open a port.`,
		);
	}
	return [...new Set(own.map(({ table }) => table))].flatMap((table) => {
		const chains = own.filter((other) => other.table === table);
		const [first, ...also] = chains.map(({ chain }) => positionIn(table, chain, interfaces));
		if (first === undefined) {
			return [];
		}
		return [{ ...first, table, also, families: TABLE_FAMILIES[table.family] ?? [] }];
	});
}

/** firewalld sets the owner flag where the kernel supports it. */
function belongsToOther(table: NftTable): boolean {
	return table.flags.includes("owner") || isOfFirewalld(table);
}

/** Its own table, or the one by which it drops everything while it reloads its rules. */
export function isOfFirewalld({ name }: Pick<NftTable, "name">): boolean {
	return name === "firewalld" || name === "firewalld_policy_drop";
}

/** iptables names its chains in capitals. */
export function looksLikeIptables(table: NftTable): boolean {
	return isNamedAsIptables({ ...table, chains: [...table.chains.values()] });
}

/** @throws FirewallError `no-place` */
function positionIn(table: NftTable, base: NftChain, interfaces: Interfaces): Position {
	const placement = placementIn(table, base, interfaces);
	if (placement.kind === "none") {
		throw new FirewallError(
			"no-place",
			`No port is opened in ${table.family} ${table.name}: ${placement.reason}.`,
		);
	}
	const place = placement.kind === "place" ? placement.place : undefined;
	const chain = table.chains.get(place?.chain ?? base.name) ?? base;
	const foreign = chain.rules.filter((rule) => !isManaged(rule));
	return { base, chain, before: place && foreign[place.index] };
}
