/**
 * Decides whether another socket would receive datagrams that a session's port is opened for. Pure.
 *
 * Linux (tested on 6.18, between two users) refuses a bind to an address that overlaps another socket's on the same port, including
 * a wildcard and `::` without IPV6_V6ONLY, unless both sockets have SO_REUSEADDR, whoever created them (SO_REUSEPORT: only for the
 * same user). A mosh-server sets neither, so only its own user can share its port. Without either option, another user's socket can
 * still come to overlap a session's, and none of these ways may close its port:
 *   - as a wildcard over a specific address: bound first, connected elsewhere, disconnected after the session's bind. The
 *     specific socket receives the datagrams;
 *   - connected, on the same address, in the same way: it receives what its own peer sends;
 *   - `::` with V6ONLY beside 0.0.0.0;
 *   - the same link-local address on another device (IPV6_FREEBIND).
 */

import { ANY_IPV4, ANY_IPV6 } from "../../system/addresses.js";
import type { UdpSocket } from "../kernel/udp-socket.js";

/** A bound socket with details that the guard's own table lacks; undefined if unknown. */
export interface Neighbour extends UdpSocket {
	readonly connected?: boolean;
	readonly ipv6Only?: boolean;
	/** The network device that the socket is bound to. */
	readonly device?: string;
}

/**
 * Inodes of the sockets that share their datagrams with another one. A user may have thousands of sockets on one port, so a
 * specific address is compared only with equal ones. A wildcard is compared with all: there is usually one, and if there are
 * several, they are equal and share.
 */
export function sharedInodes(table: readonly Neighbour[]): ReadonlySet<number> {
	const shared = new Set<number>();
	for (const onPort of grouped(table, ({ port }) => port)) {
		if (onPort.length === 1) {
			continue;
		}
		for (const equals of grouped(onPort, ({ address }) => address)) {
			for (const socket of equals) {
				const takes = (other: Neighbour) => takesFrom(other, socket);
				if (equals.some(takes) || (isWildcard(socket) && onPort.some(takes))) {
					shared.add(socket.inode);
				}
			}
		}
	}
	return shared;
}

export function takesFrom(other: Neighbour, socket: Neighbour): boolean {
	if (other.inode === socket.inode || other.port !== socket.port || onOtherDevices(other, socket)) {
		return false;
	}
	const sameUser = other.uid === socket.uid;
	if (other.connected === true && !sameUser) {
		return false;
	}
	if (other.family !== socket.family) {
		return acrossFamilies(other, socket, sameUser);
	}
	if (other.address === socket.address) {
		return sameUser || !isLinkLocal(socket);
	}
	// Only the more specific socket receives datagrams.
	return isWildcard(socket);
}

function acrossFamilies(other: Neighbour, socket: Neighbour, sameUser: boolean): boolean {
	// If the other one is not connected, the IPv4 side of `::` is not opened at all, see `openingsOf`.
	if (socket.family === "ipv6") {
		return socket.address === ANY_IPV6 && other.connected === true;
	}
	// An IPv4 socket takes precedence over `::`, unless the latter is bound to a device.
	const dual = other.ipv6Only === undefined ? sameUser : !other.ipv6Only;
	return socket.address === ANY_IPV4 && other.address === ANY_IPV6 && dual;
}

function onOtherDevices(one: Neighbour, two: Neighbour): boolean {
	return one.device !== undefined && two.device !== undefined && one.device !== two.device;
}

function isWildcard({ address }: Neighbour): boolean {
	return address === ANY_IPV4 || address === ANY_IPV6;
}

/** fe80::/10. Such a socket is bound to a device; without SO_REUSEADDR, two on the same address have different devices. */
function isLinkLocal({ family, address }: Neighbour): boolean {
	return family === "ipv6" && /^fe[89ab]/.test(address);
}

function grouped<K>(sockets: readonly Neighbour[], keyOf: (socket: Neighbour) => K): Iterable<Neighbour[]> {
	const groups = new Map<K, Neighbour[]>();
	for (const socket of sockets) {
		const group = groups.get(keyOf(socket));
		if (group === undefined) {
			groups.set(keyOf(socket), [socket]);
		} else {
			group.push(socket);
		}
	}
	return groups.values();
}
