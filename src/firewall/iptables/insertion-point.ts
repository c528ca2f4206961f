/**
 * Finds where the jump to our chain belongs: after the administrator's own rules and before the default drop. Pure.
 * The administrator's rules are evaluated first, so their denies take precedence over our accepts.
 */

import type { Family } from "../../system/addresses.js";
import { FirewallError } from "../errors.js";
import type { Ipsets } from "../path/iptables-match.js";
import { readLine } from "../path/iptables-rules.js";
import type { BaseChain, Rule as WalkRule } from "../path/rules.js";
import { splitWords } from "../path/words.js";
import { findPlace, type Interfaces, type Place, type Placement } from "../placement.js";
import { Remembered } from "../remembered.js";
import { isManaged } from "./rule.js";
import { type Chain, type FilterTable, type Rule, targetOf } from "./save.js";

/** `index` counts the rules of the chain from 0, not counting managed rules. */
export type InsertionPoint = Place;

/** What the rules are read for. */
export interface Concerned {
	readonly family: Family;
	readonly interfaces?: Interfaces | undefined;
}

/**
 * Returns undefined when the table has no insertion point, as INPUT of an inactive ufw.
 * @throws FirewallError `no-place`
 */
export type FindInsertionPoint = (table: FilterTable, concerned?: Concerned) => InsertionPoint | undefined;

const NO_VERDICT = new Set(["LOG", "NFLOG", "ULOG", "AUDIT"]);

/**
 * Plain iptables: where placement.ts says. Where nothing is dropped, at the end. A table without any rule, which is how
 * iptables-nft-save prints one that does not exist, is not made for us: it would stay.
 */
export const beforeDefaultDrop: FindInsertionPoint = (table, concerned = { family: "ipv4" }) => {
	if (isEmpty(table)) {
		return undefined;
	}
	const placement = placementIn(table, concerned);
	switch (placement.kind) {
		case "place":
			return placement.place;
		case "not-needed":
			return { chain: "INPUT", index: foreignRules(table.get("INPUT")).length };
		case "none":
			throw new FirewallError("no-place", `No port is opened in iptables: ${placement.reason}.`);
	}
};

function isEmpty(table: FilterTable): boolean {
	const input = table.get("INPUT");
	return (
		input === undefined ||
		(input.policy === "ACCEPT" && [...table.values()].every((chain) => foreignRules(chain).length === 0))
	);
}

/** Whether new UDP datagrams are dropped unless a rule accepts them specifically. */
export function dropsByDefault(table: FilterTable, concerned: Concerned = { family: "ipv4" }): boolean {
	return placementIn(table, concerned).kind !== "not-needed";
}

const placements = new Remembered<Placement>();

function placementIn(table: FilterTable, concerned: Concerned): Placement {
	const chains = [...table.values()].map((chain) => [
		chain.name,
		chain.policy,
		...foreignRules(chain).map(({ text }) => text),
	]);
	return placements.get(JSON.stringify([concerned, chains]), () => {
		const base = baseChainOf(table, concerned.family);
		if (base === undefined) {
			return { kind: "not-needed" };
		}
		return findPlace(base, { interfaces: concerned.interfaces, isLog, baseChains: baseChainsOf(table) });
	});
}

/** What is in sets is not read: a rule that asks for one names what it asks for. */
const UNREAD_IPSETS: Ipsets = { typeOf: () => undefined, has: () => undefined };

function baseChainOf(table: FilterTable, family: Family): BaseChain | undefined {
	const input = table.get("INPUT");
	if (input === undefined) {
		return undefined;
	}
	const chains = new Map(
		[...table.values()].map(({ name, rules }) => [
			name,
			{
				name,
				rules: rules.map((rule) => ({
					...readLine(rule.text, table, UNREAD_IPSETS, () => false),
					ours: isManaged(rule),
				})),
			},
		]),
	);
	return {
		table: "filter",
		families: [family],
		hook: "input",
		devices: undefined,
		priority: 0,
		nat: false,
		policy: input.policy === "DROP" ? "drop" : "accept",
		chain: chains.get("INPUT") ?? { name: "INPUT", rules: [] },
		chains,
	};
}

function baseChainsOf(table: FilterTable): string[] {
	return [...table.values()].filter(({ policy }) => policy !== undefined).map(({ name }) => name);
}

function isLog({ text }: WalkRule): boolean {
	const words = splitWords(text);
	return NO_VERDICT.has(words[words.indexOf("-j") + 1] ?? "");
}

/** ufw: just before ufw-after-input, that is after the administrator's allows and denies and before the defaults of ufw. */
export function beforeChain(anchor: string): FindInsertionPoint {
	return (table) => {
		const input = table.get("INPUT");
		const index = input ? foreignRules(input).findIndex((rule) => targetOf(rule) === anchor) : -1;
		return index < 0 ? undefined : { chain: "INPUT", index };
	};
}

export function foreignRules(chain: Pick<Chain, "rules"> | undefined): Rule[] {
	return chain?.rules.filter((rule) => !isManaged(rule)) ?? [];
}
