/** A UDP socket as the kernel lists it. */

import type { Family } from "../../system/addresses.js";

/** A UDP socket that anybody may send to: bound, not connected. */
export interface UdpSocket {
	readonly family: Family;
	/** Canonical; `0.0.0.0` and `::` mean every address. */
	readonly address: string;
	/** 1–65535 */
	readonly port: number;
	/** Who created the socket. */
	readonly uid: number;
	/** Unique among live sockets, so (address, port, inode) names a session for its whole life. */
	readonly inode: number;
}

/** Ports of interest, both ends included. */
export interface PortRange {
	readonly first: number;
	readonly last: number;
}
