/**
 * Restricts the list of sockets while a user floods the range: it then omits addresses that are not this host's, which anybody may
 * bind (IP_FREEBIND), and crowds on one address and port (SO_REUSEPORT), none of which can be admitted. Omitted sockets are still
 * found when their port is read.
 */

import { ANY_IPV4, ANY_IPV6, isLoopback } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { interfaceAddresses } from "../../system/interfaces.js";
import type { UdpSocket } from "./udp-socket.js";

export interface Narrowing {
	/** To be appended to a filter of `ss`. */
	readonly filter: string;
	readonly asksFor: (socket: UdpSocket) => boolean;
}

/** More sockets than this on one address and port are a crowd; a session has one, and two while it is replaced. */
const CROWD = 8;
/** Crowds in a filter, which the kernel evaluates for each socket of the host. */
const MAX_CROWDS = 64;
/** On a host with more addresses, the list is not restricted by address. */
const MAX_ADDRESSES = 128;

/** This host's addresses in canonical form, also those for others to reach that stand on the loopback interface. */
export async function localAddresses(commands: Pick<Commands, "run">): Promise<string[]> {
	const found = await interfaceAddresses(commands);
	return found.filter((local) => !isLoopback(local)).map(({ address }) => address);
}

/** The largest crowds, as `address port`. */
export function crowdsOf(sockets: readonly UdpSocket[]): Set<string> {
	const counts = new Map<string, number>();
	for (const socket of sockets) {
		counts.set(keyOf(socket), (counts.get(keyOf(socket)) ?? 0) + 1);
	}
	const crowds = [...counts].filter(([, count]) => count > CROWD).sort(([, a], [, b]) => b - a);
	return new Set(crowds.slice(0, MAX_CROWDS).map(([key]) => key));
}

export function narrowTo(addresses: readonly string[], crowds: ReadonlySet<string>): Narrowing {
	const local = new Set([ANY_IPV4, ANY_IPV6, ...addresses]);
	const byAddress = addresses.length <= MAX_ADDRESSES;
	const endpoints = [...crowds].map((key) => key.split(" ") as [string, string]);
	const hosts = [...local].map((address) => `src ${hostOf(address)}`).join(" or ");
	return {
		filter: [
			byAddress ? ` and ( ${hosts} )` : "",
			...endpoints.map(([address, port]) => ` and not src ${hostOf(address)}:${port}`),
		].join(""),
		asksFor: (socket) => (!byAddress || local.has(socket.address)) && !crowds.has(keyOf(socket)),
	};
}

function keyOf({ address, port }: UdpSocket): string {
	return `${address} ${port}`;
}

function hostOf(address: string): string {
	return address.includes(":") ? `[${address}]` : address;
}
