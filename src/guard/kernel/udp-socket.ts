/** UDP sockets as the kernel lists them. */

import type { Family } from "../../system/addresses.js";

/** Bound and not connected, so that anybody may send to it. */
export interface UdpSocket {
	readonly family: Family;
	/** Canonical; `0.0.0.0` and `::` mean every address. */
	readonly address: string;
	/** 1–65535 */
	readonly port: number;
	/** The user who created the socket. */
	readonly uid: number;
	/** Unique among live sockets, so (address, port, inode) identifies a session for its whole life. */
	readonly inode: number;
}

/** The ports that the guard is in charge of, both ends included. */
export interface GuardedRange {
	readonly first: number;
	readonly last: number;
}
