/** Builds the input of `nft -f -`, which applies it as one transaction. Pure. */

import { TAG } from "../opening.js";
import type { InsertionPoint } from "./insertion-point.js";
import type { OwnedObjects, StrayRule } from "./inspect.js";
import { CHAIN, type OwnSet, ownSetsFor } from "./owned-objects.js";

/**
 * Adds our sets (existing ones keep their elements), recreates our chain, deletes stray rules and inserts a jump at each position.
 * The kernel reuses handles after a flush, so those given must come from a listing made just before.
 * @param counting whether elements of sets that are made count; sets that are there stay as they were made
 */
export function installScript(
	point: InsertionPoint,
	strayRules: readonly StrayRule[],
	counting = true,
): string {
	const table = tableOf(point);
	const sets = ownSetsFor(point.families);
	const jump = `meta l4proto udp jump ${CHAIN} comment "${TAG}"`;
	return lines([
		...sets.map((own) => {
			const set = point.table.sets.get(own.name);
			return addSetLine(table, own, set === undefined ? counting : set.counts === true);
		}),
		`add chain ${table} ${CHAIN}`,
		...lookUpLines(point),
		...deleteRules(table, strayRules),
		...[point, ...point.also].map(({ chain, before }) =>
			before === undefined
				? `add rule ${table} ${chain.name} ${jump}`
				: `insert rule ${table} ${chain.name} position ${before.handle} ${jump}`,
		),
	]);
}

/** Replaces what is in our chain; fails where there is none. */
export function lookUpLines(point: InsertionPoint): string[] {
	const table = tableOf(point);
	return [
		`flush chain ${table} ${CHAIN}`,
		...ownSetsFor(point.families).map(({ name, key }) => `add rule ${table} ${CHAIN} ${key} @${name} accept`),
	];
}

/** Of a set that is there, it must say what it is; the elements are added to those that it has. */
export function addSetLine(
	table: string,
	{ name, type }: Pick<OwnSet, "name" | "type">,
	counts: boolean,
	elements: readonly SetElement[] = [],
): string {
	const counter = counts ? " counter;" : "";
	const list = elements.length === 0 ? "" : ` elements = { ${elements.map(elementText).join(", ")} };`;
	return `add set ${table} ${name} { type ${type.join(" . ")}; flags timeout;${counter}${list} }`;
}

/** Removes the rules, the chain and the sets of the guard that a listing of `table` shows. */
export function removeScript(table: string, { strayRules, chainExists, sets }: OwnedObjects): string {
	return lines([
		...deleteRules(table, strayRules),
		...(chainExists ? [`flush chain ${table} ${CHAIN}`, `delete chain ${table} ${CHAIN}`] : []),
		...sets.map((name) => `delete set ${table} ${name}`),
	]);
}

function deleteRules(table: string, strayRules: readonly StrayRule[]): string[] {
	return strayRules.map(({ chain, handle }) => `delete rule ${table} ${chain} handle ${handle}`);
}

export interface SetElement {
	readonly key: readonly (string | number)[];
	readonly comment: string;
	/** Undefined for an element that does not expire. */
	readonly timeoutS: number | undefined;
	/** What it has counted already. */
	readonly packets?: number | undefined;
}

export interface ElementChange extends SetElement {
	readonly set: string;
}

function elementText({ key, comment, timeoutS, packets }: SetElement): string {
	const counter = packets === undefined ? "" : ` counter packets ${packets} bytes 0`;
	const timeout = timeoutS === undefined ? "" : ` timeout ${timeoutS}s`;
	return `${key.join(" . ")}${counter}${timeout} comment "${comment}"`;
}

export function addLine(table: string, { set, ...element }: ElementChange): string {
	return `add element ${table} ${set} { ${elementText(element)} }`;
}

export function deleteLine(table: string, { set, key }: Pick<ElementChange, "set" | "key">): string {
	return `delete element ${table} ${set} { ${key.join(" . ")} }`;
}

/**
 * The same changes for a host that has sets of ranges: to add or delete an element, nft 1.0.6 to 1.1.3 fetches the elements of all
 * those sets, but of one set alone where the last command lists that set. Of changes to more than one set it must know them all.
 */
export function withoutOtherSets(changes: readonly string[]): readonly string[] {
	const sets = new Set(changes.map((line) => ELEMENT_CHANGE.exec(line)?.[1]));
	const [only] = sets;
	return sets.size === 1 && only !== undefined ? [...changes, `list set ${only}`] : changes;
}

/** As `addLine` and `deleteLine` write it. */
const ELEMENT_CHANGE = /^(?:add|delete) element (\S+ \S+ \S+) \{/;

/** Family and name, as nft's commands take them. */
export function tableOf(point: Pick<InsertionPoint, "table">): string {
	return `${point.table.family} ${point.table.name}`;
}

export function lines(all: readonly string[]): string {
	return `${all.join("\n")}\n`;
}
