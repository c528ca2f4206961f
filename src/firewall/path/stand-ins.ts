/** Finds out whether a walk was right to suppose that there is an address that no rule names, and who may stand in for it otherwise. */

import type { Stranger, SupposedSet } from "./stranger.js";

/**
 * Addresses that are looked up in sets: with a list of half the internet, one set of rules in 60,000 is taken for one that names all,
 * and then its elements are read.
 */
const SAMPLES = 16;
/** Of the parts that rules divide the internet into, as many of the largest are followed. */
const PARTS = 8;

/** Asks for what walks and look-ups have left open; false where nothing was. */
type Learn = () => Promise<boolean>;

export type Verified =
	/** There is such an address. */
	| { readonly kind: "right" }
	/** Sets have all that were tried: their elements are read next. */
	| { readonly kind: "sets"; readonly addresses: readonly string[] }
	/** Rules name every address of the internet: one of each of the largest parts. */
	| { readonly kind: "none"; readonly addresses: readonly string[] };

export async function verified(stranger: Stranger, learn: Learn): Promise<Verified> {
	if (!stranger.isDoubtful) {
		return { kind: "right" };
	}
	const addresses = stranger.unnamed(SAMPLES);
	if (addresses.length === 0) {
		return { kind: "none", addresses: stranger.typical(PARTS) };
	}
	for (const address of addresses) {
		if (!(await isInAny(stranger.sets, address, learn))) {
			return { kind: "right" };
		}
	}
	return { kind: "sets", addresses };
}

/** What cannot be known is taken for no: a set that is too large to be read has many elements, but not all. */
async function isInAny(sets: readonly SupposedSet[], address: string, learn: Learn): Promise<boolean> {
	for (const { has } of sets) {
		const found = has(address) ?? ((await learn()) ? has(address) : undefined);
		if (found === true) {
			return true;
		}
	}
	return false;
}
