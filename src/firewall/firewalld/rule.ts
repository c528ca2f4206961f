/** The rich rules of ours. One builder serves to add, to remove and to recognise them. Pure. */

import type { Family } from "../../system/addresses.js";
import { canonicalAddress, isWildcard, wildcardOf } from "../../system/addresses.js";
import type { Opening } from "../firewall.js";

/**
 * A rich rule has no comment: its priority is our mark. A positive one stands in the zone's last chain, after every
 * deny, and is no port of the zone's, so that no range of the admin's is joined or split.
 */
export const PRIORITY = 32000;

/** Spelled as firewalld lists it. */
export function richRule(opening: Opening): string {
	const { family, address, port } = opening;
	const destination = isWildcard(opening) ? "" : ` destination address="${address}"`;
	return `rule priority="${PRIORITY}" family="${family}"${destination} port port="${port}" protocol="udp" accept`;
}

/** The opening a listed rule stands for, or undefined when it is not exactly what `richRule` builds. */
export function readRichRule(text: string): Opening | undefined {
	const family: Family = text.includes('family="ipv6"') ? "ipv6" : "ipv4";
	const address = / destination address="([^"]+)"/.exec(text)?.[1] ?? wildcardOf(family);
	const port = Number(/ port port="(\d+)"/.exec(text)?.[1]);
	const opening = { family, address, port };
	return canonicalAddress(family, address) === address && richRule(opening) === text ? opening : undefined;
}
