/** By which interfaces a local address is reached, and under which address: from the host's addresses and default routes. */

import { readFile } from "node:fs/promises";
import { isLoopback, isWildcard, type LocalAddress } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { type InterfaceAddress, interfaceAddresses } from "../../system/interfaces.js";

/** Where a datagram to a socket comes in, and the address that it is sent to. */
export interface Way extends LocalAddress {
	readonly interface: string;
}

/** What the host has. */
export interface Network {
	readonly addresses: readonly InterfaceAddress[];
	/** Interfaces with a default route, of each family. */
	readonly defaults: Readonly<Record<"ipv4" | "ipv6", readonly string[]>>;
}

/** Never rejects. */
export async function readNetwork(commands: Commands): Promise<Network> {
	const routes = (file: string) => readFile(`/proc/self/net/${file}`, "utf8").catch(() => "");
	const [addresses, ipv4, ipv6] = await Promise.all([
		interfaceAddresses(commands),
		routes("route"),
		routes("ipv6_route"),
	]);
	return { addresses, defaults: { ipv4: defaultsOf(ipv4), ipv6: defaults6Of(ipv6) } };
}

/** Of /proc/net/route: interface, destination, gateway, flags, …, mask at the eighth place. Pure. */
export function defaultsOf(route: string): string[] {
	const rows = route
		.split("\n")
		.slice(1)
		.map((line) => line.split(/\s+/));
	return [
		...new Set(
			rows.flatMap(([name = "", to, , , , , , mask]) =>
				to === "00000000" && mask === "00000000" ? [name] : [],
			),
		),
	];
}

/** A route that only refuses what it matches (linux/ipv6_route.h, RTF_REJECT). */
const REJECTS = 0x0200;

/** Of /proc/net/ipv6_route: destination, its length, …, flags, interface. Pure. */
export function defaults6Of(route: string): string[] {
	const rows = route.split("\n").map((line) => line.trim().split(/\s+/));
	const names = rows.flatMap(([to = "x", length, , , , , , , flags = "", name = ""]) =>
		/^0+$/.test(to) && length === "00" && name !== "lo" && (Number.parseInt(flags, 16) & REJECTS) === 0
			? [name]
			: [],
	);
	return [...new Set(names)];
}

/**
 * Ways to a socket's address: by the interface that has it; to a wildcard, or to an address that stands on the loopback
 * interface for others to reach, by those with a default route, else by every one with a global address. Pure.
 */
export function waysTo(local: LocalAddress, { addresses, defaults }: Network): Way[] {
	const { family, address } = local;
	const ofFamily = addresses.filter((found) => found.family === family);
	if (!isWildcard(local)) {
		const names = ofFamily.filter((found) => found.address === address).map((found) => found.interface);
		if (isLoopback(local)) {
			return [{ family, address, interface: names[0] ?? "lo" }];
		}
		const real = names.filter((name) => name !== "lo");
		if (real.length > 0) {
			return real.map((name) => ({ family, address, interface: name }));
		}
	}
	const global = ofFamily.filter((found) => !isLoopback(found) && !/^fe[89ab]/i.test(found.address));
	const reachable = global.filter((found) => defaults[family].includes(found.interface));
	const chosen = reachable.length > 0 ? reachable : global.filter((found) => found.interface !== "lo");
	const first = new Map([...chosen].reverse().map((found) => [found.interface, found.address]));
	return [...first].map(([name, own]) => ({
		family,
		address: isWildcard(local) ? own : address,
		interface: name,
	}));
}
