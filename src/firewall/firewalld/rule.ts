/** Builds and recognises our rich rules: the same builder serves to add, remove and compare. Pure. */

import type { Family } from "../../system/addresses.js";
import { canonicalAddress, isWildcard, wildcardOf } from "../../system/addresses.js";
import type { Opening } from "../firewall.js";

/**
 * Rich rules have no comment, so their priority marks them as managed. A positive priority puts a rule into the last chain of the
 * zone, after every deny; and unlike a port of the zone it neither joins nor splits a range of the administrator's.
 */
export const PRIORITY = 32000;

/** Spelled as firewalld lists it. */
export function richRule(opening: Opening): string {
	const { family, address, port } = opening;
	const destination = isWildcard(opening) ? "" : ` destination address="${address}"`;
	return `rule priority="${PRIORITY}" family="${family}"${destination} port port="${port}" protocol="udp" accept`;
}

/** The opening that a listed rule represents, or undefined unless it is exactly what `richRule` builds. */
export function readRichRule(text: string): Opening | undefined {
	const family: Family = text.includes('family="ipv6"') ? "ipv6" : "ipv4";
	const address = / destination address="([^"]+)"/.exec(text)?.[1] ?? wildcardOf(family);
	const port = Number(/ port port="(\d+)"/.exec(text)?.[1]);
	const opening = { family, address, port };
	return canonicalAddress(family, address) === address && richRule(opening) === text ? opening : undefined;
}
