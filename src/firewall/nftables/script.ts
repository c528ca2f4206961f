/** What of ours goes into a table of nftables, as input of `nft -f -`, which applies all of it or nothing. Pure. */

import { TAG } from "../opening.js";
import { CHAIN, ownSetsFor } from "./own.js";
import type { Site } from "./place.js";

/** A rule of ours outside our chain. */
export interface StrayRule {
	readonly chain: string;
	readonly handle: number;
}

/**
 * Sets (kept with their elements), our chain anew, stray rules gone, one jump at the site.
 * Handles are reused after a flush: those given must have been read just now.
 */
export function standScript(site: Site, strays: readonly StrayRule[]): string {
	const table = tableOf(site);
	const sets = ownSetsFor(site.families);
	const jump = `meta l4proto udp jump ${CHAIN} comment "${TAG}"`;
	return lines([
		...sets.map(({ name, type }) => `add set ${table} ${name} { type ${type.join(" . ")}; flags timeout; }`),
		`add chain ${table} ${CHAIN}`,
		`flush chain ${table} ${CHAIN}`,
		...sets.map(({ name, key }) => `add rule ${table} ${CHAIN} ${key} @${name} accept`),
		...deleteRules(table, strays),
		site.before === undefined
			? `add rule ${table} ${site.chain.name} ${jump}`
			: `insert rule ${table} ${site.chain.name} position ${site.before.handle} ${jump}`,
	]);
}

export function removeScript(
	table: string,
	strays: readonly StrayRule[],
	chains: boolean,
	sets: readonly string[],
): string {
	return lines([
		...deleteRules(table, strays),
		...(chains ? [`flush chain ${table} ${CHAIN}`, `delete chain ${table} ${CHAIN}`] : []),
		...sets.map((name) => `delete set ${table} ${name}`),
	]);
}

function deleteRules(table: string, strays: readonly StrayRule[]): string[] {
	return strays.map(({ chain, handle }) => `delete rule ${table} ${chain} handle ${handle}`);
}

export interface ElementChange {
	readonly set: string;
	readonly key: readonly (string | number)[];
	readonly comment: string;
	/** Undefined where the set keeps its elements for good. */
	readonly timeoutS: number | undefined;
}

export function addLine(table: string, { set, key, comment, timeoutS }: ElementChange): string {
	const timeout = timeoutS === undefined ? "" : ` timeout ${timeoutS}s`;
	return `add element ${table} ${set} { ${key.join(" . ")}${timeout} comment "${comment}" }`;
}

export function deleteLine(table: string, { set, key }: Pick<ElementChange, "set" | "key">): string {
	return `delete element ${table} ${set} { ${key.join(" . ")} }`;
}

export function tableOf(site: Pick<Site, "table">): string {
	return `${site.table.family} ${site.table.name}`;
}

export function lines(all: readonly string[]): string {
	return `${all.join("\n")}\n`;
}
