/**
 * What is left out of the list of sockets while a user floods the range: addresses that are not this host's, which anybody may
 * bind (IP_FREEBIND), and crowds on one address and port (SO_REUSEPORT), of which none is a session that may have its port. What is
 * left out of the list is still found by a reading of its port.
 */

import { networkInterfaces } from "node:os";
import { ANY_IPV4, ANY_IPV6 } from "../../system/addresses.js";
import type { UdpSocket } from "./udp-socket.js";

export interface Narrowing {
	/** Continues a filter of `ss`. */
	readonly filter: string;
	readonly asksFor: (socket: UdpSocket) => boolean;
}

/** A session's socket, its successor's, and room. */
const CROWD = 8;
/** In a filter, which the kernel runs for each socket of the host. */
const MOST_CROWDS = 64;
/** A host with more is asked for all of them. */
const MOST_ADDRESSES = 128;

/** Canonical, loopback's left out. */
export function localAddresses(): string[] {
	const found = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
	return found.filter(({ internal }) => !internal).map(({ address }) => address);
}

/** The largest crowds, as `address port`. */
export function crowdsOf(sockets: readonly UdpSocket[]): Set<string> {
	const counts = new Map<string, number>();
	for (const socket of sockets) counts.set(placeOf(socket), (counts.get(placeOf(socket)) ?? 0) + 1);
	const crowds = [...counts].filter(([, count]) => count > CROWD).sort(([, a], [, b]) => b - a);
	return new Set(crowds.slice(0, MOST_CROWDS).map(([place]) => place));
}

export function narrowTo(addresses: readonly string[], crowds: ReadonlySet<string>): Narrowing {
	const local = new Set([ANY_IPV4, ANY_IPV6, ...addresses]);
	const byAddress = addresses.length <= MOST_ADDRESSES;
	const places = [...crowds].map((place) => place.split(" ") as [string, string]);
	const hosts = [...local].map((address) => `src ${hostOf(address)}`).join(" or ");
	return {
		filter: [
			byAddress ? ` and ( ${hosts} )` : "",
			...places.map(([address, port]) => ` and not src ${hostOf(address)}:${port}`),
		].join(""),
		asksFor: (socket) => (!byAddress || local.has(socket.address)) && !crowds.has(placeOf(socket)),
	};
}

function placeOf({ address, port }: UdpSocket): string {
	return `${address} ${port}`;
}

function hostOf(address: string): string {
	return address.includes(":") ? `[${address}]` : address;
}
