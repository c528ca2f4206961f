/**
 * Would another socket get datagrams that a session's port is opened for? Pure.
 *
 * Linux (tried on 6.18, between two users) refuses a bind to an address that overlaps another socket's on the same port, a
 * wildcard and `::` without V6ONLY included, unless both sockets have SO_REUSEADDR, whoever made them (SO_REUSEPORT: only for the same
 * user). A mosh-server sets neither, so nobody can share its port but its own user. Without either option another user's
 * socket can still come to overlap a session's, and none of these ways may shut its port:
 *   - as a wildcard over a specific address: bound first, connected elsewhere, disconnected again after the session's bind.
 *     The specific socket gets the datagrams;
 *   - connected, on the very address, by the same way: it gets what its own peer sends;
 *   - `::` with V6ONLY beside 0.0.0.0;
 *   - the same link-local address on another device (IPV6_FREEBIND).
 */

import { ANY_IPV4, ANY_IPV6 } from "../../system/addresses.js";
import type { UdpSocket } from "../kernel/udp-socket.js";

/** What /proc/net/udp does not print is undefined. */
export interface Neighbour extends UdpSocket {
	readonly connected?: boolean;
	readonly ipv6Only?: boolean;
	/** Name of the one that the socket is bound to. */
	readonly device?: string;
}

/**
 * Inodes of the sockets that share their datagrams with another one. A user may have thousands of sockets on one port: a
 * specific address is compared only with its equals, and a wildcard, of which there is one or else its equal decides, with all.
 */
export function sharedInodes(table: readonly Neighbour[]): ReadonlySet<number> {
	const shared = new Set<number>();
	for (const onPort of grouped(table, ({ port }) => port)) {
		if (onPort.length === 1) continue;
		for (const equals of grouped(onPort, ({ address }) => address)) {
			for (const socket of equals) {
				const takes = (other: Neighbour) => takesFrom(other, socket);
				if (equals.some(takes) || (isWildcard(socket) && onPort.some(takes))) shared.add(socket.inode);
			}
		}
	}
	return shared;
}

export function takesFrom(other: Neighbour, socket: Neighbour): boolean {
	if (other.inode === socket.inode || other.port !== socket.port || onOtherDevices(other, socket))
		return false;
	const sameUser = other.uid === socket.uid;
	if (other.connected === true && !sameUser) return false;
	if (other.family !== socket.family) return acrossFamilies(other, socket, sameUser);
	if (other.address === socket.address) return sameUser || !isLinkLocal(socket);
	// Only the more specific of the two gets any.
	return isWildcard(socket);
}

function acrossFamilies(other: Neighbour, socket: Neighbour, sameUser: boolean): boolean {
	// For an unconnected one the IPv4 side of `::` is not opened at all, see `openingsOf`.
	if (socket.family === "ipv6") return socket.address === ANY_IPV6 && other.connected === true;
	// An IPv4 socket goes before `::`, unless that one is bound to a device.
	const dual = other.ipv6Only === undefined ? sameUser : !other.ipv6Only;
	return socket.address === ANY_IPV4 && other.address === ANY_IPV6 && dual;
}

function onOtherDevices(one: Neighbour, two: Neighbour): boolean {
	return one.device !== undefined && two.device !== undefined && one.device !== two.device;
}

function isWildcard({ address }: Neighbour): boolean {
	return address === ANY_IPV4 || address === ANY_IPV6;
}

/** fe80::/10. Such a socket is bound to a device, which two that share an address without SO_REUSEADDR do not have in common. */
function isLinkLocal({ family, address }: Neighbour): boolean {
	return family === "ipv6" && /^fe[89ab]/.test(address);
}

function grouped<K>(sockets: readonly Neighbour[], keyOf: (socket: Neighbour) => K): Iterable<Neighbour[]> {
	const groups = new Map<K, Neighbour[]>();
	for (const socket of sockets) {
		const group = groups.get(keyOf(socket));
		if (group === undefined) groups.set(keyOf(socket), [socket]);
		else group.push(socket);
	}
	return groups.values();
}
