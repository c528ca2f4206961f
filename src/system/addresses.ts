/** Numeric IP addresses in one canonical text, so that equal addresses compare equal. */

import { isIPv4, isIPv6, SocketAddress } from "node:net";
import type { Family } from "../firewall/firewall.js";

export interface LocalAddress {
	readonly family: Family;
	readonly address: string;
}

export const ANY_IPV4 = "0.0.0.0";
export const ANY_IPV6 = "::";

export function isLoopback(local: LocalAddress): boolean {
	return local.family === "ipv4" ? local.address.startsWith("127.") : local.address === "::1";
}

/** The canonical form of a numeric address, IPv4-mapped ones as IPv4; undefined when it is none of that family. */
export function addressFromText(family: Family, text: string): LocalAddress | undefined {
	if (family === "ipv4") return isIPv4(text) ? { family, address: text } : undefined;
	if (!isIPv6(text) || text.includes("%")) return undefined;
	const { address } = new SocketAddress({ family, address: text });
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
	return mapped === undefined ? { family, address } : { family: "ipv4", address: mapped };
}
