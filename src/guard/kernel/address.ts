/** Numeric IP addresses: from the kernel's hexadecimal to one canonical text, so that equal addresses compare equal. */

import { isIPv4, isIPv6, SocketAddress } from "node:net";
import { endianness } from "node:os";
import type { Family } from "../../firewall/firewall.js";

export interface LocalAddress {
	readonly family: Family;
	readonly address: string;
}

export const ANY_IPV4 = "0.0.0.0";
export const ANY_IPV6 = "::";

/**
 * `hex` is an address as /proc/net/udp (8 digits) or udp6 (32 digits) prints it: 32-bit words in the host's byte order.
 * An IPv4-mapped IPv6 address is IPv4: its datagrams are, and so is the rule that lets them in.
 */
export function addressFromKernel(hex: string): LocalAddress | undefined {
	const bytes = bytesFromKernel(hex);
	if (bytes === undefined) return undefined;
	if (bytes.length === 4) return { family: "ipv4", address: bytes.join(".") };
	const groups = Array.from({ length: 8 }, (_, i) => bytes.readUInt16BE(i * 2).toString(16));
	return addressFromText("ipv6", groups.join(":"));
}

export function isLoopback(local: LocalAddress): boolean {
	return local.family === "ipv4" ? local.address.startsWith("127.") : local.address === "::1";
}

function bytesFromKernel(hex: string): Buffer | undefined {
	if ((hex.length !== 8 && hex.length !== 32) || !/^[0-9A-F]+$/i.test(hex)) return undefined;
	const bytes = Buffer.from(hex, "hex");
	return endianness() === "LE" ? bytes.swap32() : bytes;
}

/** The canonical form of a numeric address, IPv4-mapped ones as IPv4; undefined when it is none of that family. */
export function addressFromText(family: Family, text: string): LocalAddress | undefined {
	if (family === "ipv4") return isIPv4(text) ? { family, address: text } : undefined;
	if (!isIPv6(text) || text.includes("%")) return undefined;
	const { address } = new SocketAddress({ family, address: text });
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
	return mapped === undefined ? { family, address } : { family: "ipv4", address: mapped };
}
