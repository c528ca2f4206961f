/** Names and recognises the managed objects in a table of nftables: a chain, the sets it looks up, rules and elements. Pure. */

import type { Family } from "../../system/addresses.js";
import { isWildcard } from "../../system/addresses.js";
import type { Opening } from "../firewall.js";
import { TAG } from "../opening.js";
import type { NftElement, NftRule, NftSet } from "./ruleset.js";

export const CHAIN = "mosh_portguard";

export interface OwnSet {
	readonly name: string;
	readonly type: readonly string[];
	/** The expression that is looked up in the set. */
	readonly key: string;
	readonly families: readonly Family[];
}

/** One set per address family, because a set cannot hold both, and one for sockets that are bound to every address. */
export const OWN_SETS: readonly OwnSet[] = [
	{
		name: "mosh_portguard_4",
		type: ["ipv4_addr", "inet_service"],
		key: "ip daddr . udp dport",
		families: ["ipv4"],
	},
	{
		name: "mosh_portguard_6",
		type: ["ipv6_addr", "inet_service"],
		key: "ip6 daddr . udp dport",
		families: ["ipv6"],
	},
	{
		name: "mosh_portguard_any",
		type: ["nf_proto", "inet_service"],
		key: "meta nfproto . udp dport",
		families: ["ipv4", "ipv6"],
	},
];

/** In a table of one family, where nft refuses to ask for the family. */
const ANY_OF_ONE_FAMILY: Pick<OwnSet, "type" | "key"> = { type: ["inet_service"], key: "udp dport" };

/** @param families of the table */
export function ownSetsFor(families: readonly Family[]): OwnSet[] {
	return OWN_SETS.filter((set) => set.families.some((family) => families.includes(family))).map((set) =>
		set.families.length > families.length ? { ...set, ...ANY_OF_ONE_FAMILY } : set,
	);
}

/**
 * The set and the key of the element that represents an opening.
 * @param families of the table
 */
export function ownElement(
	opening: Opening,
	families: readonly Family[],
): { set: string; key: readonly (string | number)[] } {
	if (isWildcard(opening)) {
		const key = families.length > 1 ? [opening.family, opening.port] : [opening.port];
		return { set: "mosh_portguard_any", key };
	}
	const set = opening.family === "ipv4" ? "mosh_portguard_4" : "mosh_portguard_6";
	return { set, key: [opening.address, opening.port] };
}

/** Whether a set is ours, or of a kind that an administrator may declare for us: of ports alone. */
export function mayHoldOurs({ name, type }: NftSet): boolean {
	return OWN_SETS.some((own) => own.name === name) || type.join() === "inet_service";
}

/** Whether a rule outside our chain is managed, even if malformed: it has our tag or jumps to our chain. */
export function isManaged(rule: NftRule): boolean {
	return rule.comment === TAG || targetOf(rule) === CHAIN;
}

/** Whether an element is managed: its comment is our tag, in a set of the administrator's followed by addresses. */
export function isManagedElement({ comment }: NftElement): boolean {
	return comment?.split(" ")[0] === TAG;
}

/** Whether a rule is exactly the jump that `installScript` builds. */
export function isJump(rule: NftRule): boolean {
	const [match, jump] = rule.statements;
	const expected = { match: { op: "==", left: { meta: { key: "l4proto" } }, right: "udp" } };
	return (
		rule.comment === TAG &&
		rule.statements.length === 2 &&
		JSON.stringify(match) === JSON.stringify(expected) &&
		JSON.stringify(jump) === JSON.stringify({ jump: { target: CHAIN } })
	);
}

/** Whether a rule of our chain is the lookup that `installScript` builds for `set`. */
export function isLookup(rule: NftRule, set: string): boolean {
	const [match, accept] = rule.statements;
	return (
		rule.statements.length === 2 &&
		(match?.match as { right?: unknown } | undefined)?.right === `@${set}` &&
		accept !== undefined &&
		"accept" in accept
	);
}

function targetOf(rule: NftRule): unknown {
	const last = rule.statements.at(-1);
	return ((last?.jump ?? last?.goto) as { target?: unknown } | undefined)?.target;
}
