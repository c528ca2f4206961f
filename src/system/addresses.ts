/** Numeric IP addresses in one canonical text, so that equal addresses compare equal. */

import { isIPv4, isIPv6, SocketAddress } from "node:net";

export type Family = "ipv4" | "ipv6";

export const FAMILIES: readonly Family[] = ["ipv4", "ipv6"];

/** `address` is numeric and in canonical text form. */
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
	const address = canonicalAddress(family, text);
	if (address === undefined) {
		return undefined;
	}
	const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
	return mapped === undefined ? { family, address } : { family: "ipv4", address: mapped };
}

/** Text form as the kernel prints it, or undefined when `address` is not a plain numeric one of that family. */
export function canonicalAddress(family: Family, address: string): string | undefined {
	const numeric = family === "ipv4" ? isIPv4(address) : isIPv6(address) && !address.includes("%");
	return numeric ? new SocketAddress({ family, address }).address : undefined;
}

const WILDCARD: Record<Family, string> = { ipv4: ANY_IPV4, ipv6: ANY_IPV6 };

export function wildcardOf(family: Family): string {
	return WILDCARD[family];
}

/** `192.0.2.1:60001`, `[2001:db8::1]:60001`. */
export function endpoint({ address, port }: { readonly address: string; readonly port: number }): string {
	return address.includes(":") ? `[${address}]:${port}` : `${address}:${port}`;
}

/** Whether it stands for every local address of its family. */
export function isWildcard({ family, address }: LocalAddress): boolean {
	return address === WILDCARD[family];
}

/** In the order of the network: 4 or 16. `address` is canonical. */
export function addressBytes(address: string): Buffer {
	if (!address.includes(":")) {
		return Buffer.from(address.split(".").map(Number));
	}
	const [head = "", tail = ""] = withoutDots(address).split("::");
	const [first, last] = [head, tail].map((part) => (part === "" ? [] : part.split(":")));
	const groups = address.includes("::")
		? [
				...(first ?? []),
				...new Array<string>(8 - (first?.length ?? 0) - (last?.length ?? 0)).fill("0"),
				...(last ?? []),
			]
		: (first ?? []);
	return Buffer.from(
		groups.flatMap((group) => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 0xff]),
	);
}

/** `::192.0.2.1`, as some addresses are printed, in groups. */
function withoutDots(address: string): string {
	return address.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...parts: string[]) => {
		const [a = 0, b = 0, c = 0, d = 0] = parts.slice(0, 4).map(Number);
		return `${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`;
	});
}
