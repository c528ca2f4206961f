/** A datagram on its way through a host's rules, as far as it is known. */

import type { Family } from "../../system/addresses.js";
import { type Marks, NO_MARK, UNKNOWN_MARKS } from "./marks.js";
import type { Stranger } from "./stranger.js";

/** Ports of interest, both ends included: one port, or "any of these, whichever". */
export interface Ports {
	readonly first: number;
	readonly last: number;
}

/** Connection tracking's word for it; `invalid` before it has looked at a datagram. */
export type State = "new" | "established" | "untracked" | "invalid";

/** Whether there is a connection that has a mark, a helper and the like. */
export function isTracked(state: State): boolean {
	return state === "new" || state === "established";
}

export interface Packet {
	readonly family: Family;
	/** `in`: to a socket of this host; `out`: its answer. */
	readonly direction: "in" | "out";
	/** Of the interface it comes in or goes out by. */
	readonly interface: string;
	/** The host's own address, canonical. */
	readonly local: string;
	/** The host's own port. A range stands for each of its ports: what differs among them is uncertain. */
	readonly localPorts: Ports;
	/** The other end's. */
	readonly remote: Remote;
	/** The other end's port, or those that it may have picked from. */
	readonly remotePorts: Ports;
	readonly state: State;
	/** As rules have set them so far; without them nothing is known. */
	readonly marks?: Marks;
	/** The address stands on another interface of this host than the one above. */
	readonly elsewhere?: true;
	/** Nothing else has come lately: it is within every rate, quota and number of flows. */
	readonly quiet?: true;
	/**
	 * The interface by which an answer leaves, empty where there is no route; undefined: it is supposed to be the one that the datagram
	 * comes in by.
	 */
	readonly back?: string | undefined;
	/** Others of the same sender have come before. */
	readonly later?: true;
}

/** An address, canonical; otherwise one that no rule names, which a stranger keeps account of. */
export type Remote = string | Stranger | undefined;

/** Hops that a datagram needs through the internet: one that is left less does not arrive. */
export const FAR_HOPS = 30;

/**
 * The interface by which an answer leaves, empty where there is no route: where that is not known, it is supposed to be the one that
 * the datagram comes in by.
 */
export function wayBack({ back, interface: by, remote }: Packet): string {
	if (back === undefined && typeof remote === "object") {
		remote.comesBack = true;
	}
	return back ?? by;
}

/** In place of an address: whichever one a rule names. Conditions on it are specific. */
export const ANY_ADDRESS = "*";

/** A client's ports: any of those that a host picks from. */
export const REMOTE_PORTS: Ports = { first: 1024, last: 65_535 };

/** The first datagram of a client to a local port, from an address that no rule names unless `remote` does. */
export function firstDatagram(
	family: Family,
	local: string,
	localPorts: Ports,
	by: string,
	remote?: Remote,
	remotePorts: Ports = REMOTE_PORTS,
): Packet {
	const marks = { packet: NO_MARK, connection: NO_MARK };
	return {
		family,
		direction: "in",
		interface: by,
		local,
		localPorts,
		remote,
		remotePorts,
		state: "new",
		marks,
	};
}

/**
 * What the server sends back.
 * @param state what connection tracking made of the datagram: an answer to one that it did not look at is new to it
 * @param left what rules made of the datagram: the mark of its connection, what is in sets by it
 */
export function answerTo(packet: Packet, state: State, left: Marks = UNKNOWN_MARKS): Packet {
	const untracked = state === "untracked";
	// A server sets no mark of its own.
	const marks = { ...left, packet: NO_MARK, connection: untracked ? NO_MARK : left.connection };
	return { ...packet, direction: "out", state: untracked ? "new" : "established", marks };
}

/** One that comes after its answer, by the same flow or from another port of the same sender. */
export function laterDatagram(packet: Packet, state: State, left: Marks): Packet {
	const connection = state === "new" ? NO_MARK : left.connection;
	return { ...packet, state, later: true, marks: { ...left, packet: NO_MARK, connection } };
}
