/**
 * What rules have put into sets on a datagram's way, its sender for one, for other rules to look up: nftables' `add @set { … }`,
 * iptables' targets SET and match recent. Pure.
 */

import type { Truth } from "./truth.js";

/** `gone`: a rule has taken it out. */
export type Entry = "certain" | "perhaps" | "gone";

/** By set and key. */
export type Noted = ReadonlyMap<string, Entry>;

/** A key of which not all is known. */
const SOME = "?";

function idOf(set: string, key: string | undefined): string {
	return `${set}\n${key ?? SOME}`;
}

/**
 * @param key undefined where it is not known
 * @param when whether the rule is reached and does it
 */
export function noting(
	noted: Noted | undefined,
	set: string,
	key: string | undefined,
	when: Truth,
	entry: "certain" | "gone" = "certain",
): Noted | undefined {
	if (when === false) {
		return noted;
	}
	const id = idOf(set, key);
	const isCertain = when === true && key !== undefined;
	return new Map(noted).set(id, isCertain || noted?.get(id) === entry ? entry : "perhaps");
}

/** Whether the set has the key by what was noted; undefined: nothing was. */
export function entryOf(noted: Noted | undefined, set: string, key: string | undefined): Entry | undefined {
	if (noted === undefined) {
		return undefined;
	}
	const found = key === undefined ? undefined : noted.get(idOf(set, key));
	const isPossible =
		noted.has(idOf(set, undefined)) ||
		(key === undefined && [...noted.keys()].some((id) => id.startsWith(`${set}\n`)));
	return found ?? (isPossible ? "perhaps" : undefined);
}

/** What is known of one that may have come either way. */
export function eitherNoted(a: Noted | undefined, b: Noted | undefined): Noted | undefined {
	if (a === b) {
		return a;
	}
	const ids = new Set([...(a?.keys() ?? []), ...(b?.keys() ?? [])]);
	return new Map(
		[...ids].map((id) => [id, a?.get(id) === b?.get(id) ? (a?.get(id) ?? "perhaps") : "perhaps"]),
	);
}
