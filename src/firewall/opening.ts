/** Openings as values: validation, comparison, keys. Nothing becomes part of a rule without `checkOpening`. */

import { canonicalAddress } from "../system/addresses.js";
import { FirewallError } from "./errors.js";
import type { Opening } from "./firewall.js";

/** The comment that marks every rule and element that the guard manages. */
export const TAG = "mosh-portguard";

/** @throws FirewallError `invalid-opening` for anything but a canonical address of its family and a port from 1 to 65535. */
export function checkOpening(opening: Opening): void {
	const { family, address, port } = opening;
	const canonical = canonicalAddress(family, address);
	if (
		canonical !== undefined &&
		canonical === address &&
		Number.isInteger(port) &&
		port >= 1 &&
		port <= 65535
	) {
		return;
	}
	throw new FirewallError(
		"invalid-opening",
		`No rule can be made for UDP port ${port} on ${address} (${family}): an address in canonical numeric form and a port from 1 to 65535 are needed.`,
	);
}

/** Cached per object: with a thousand sessions, building the keys would be a considerable part of the cost of a login. */
const keys = new WeakMap<Opening, string>();

export function openingKey(opening: Opening): string {
	let key = keys.get(opening);
	if (key === undefined) {
		key = `${opening.family} ${opening.address} ${opening.port}`;
		keys.set(opening, key);
	}
	return key;
}

export function sameOpening(left: Opening, right: Opening): boolean {
	return openingKey(left) === openingKey(right);
}

/** Each opening once, in the original order. */
export function distinct(openings: readonly Opening[]): Opening[] {
	return [...new Map(openings.map((opening) => [openingKey(opening), opening])).values()];
}

/**
 * By key, the highest of several counts: of the rules that a datagram passes, one that drops it keeps it from those behind.
 */
export function highest(counts: Iterable<readonly [key: string, count: number]>): Map<string, number> {
	const found = new Map<string, number>();
	for (const [key, count] of counts) {
		found.set(key, Math.max(count, found.get(key) ?? 0));
	}
	return found;
}

/** The openings that are not in `others`. */
export function without(openings: readonly Opening[], others: readonly Opening[]): Opening[] {
	const keys = new Set(others.map(openingKey));
	return openings.filter((opening) => !keys.has(openingKey(opening)));
}
