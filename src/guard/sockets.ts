/** The kernel's table of bound UDP sockets: of this network namespace only, which is the scope of its firewall too. */

import { readFileSync } from "node:fs";
import type { Family } from "../firewall/firewall.js";
import { addressFromKernel } from "./address.js";

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

export interface SocketTable {
	/** Throws when the kernel's table cannot be read: "no sockets" and "do not know" must not look alike. */
	read(range: PortRange): readonly UdpSocket[];
}

/** TCP_CLOSE, which for UDP means: not connected. A mosh-server never connects its socket. */
const UNCONNECTED = "07";

/** `text`: /proc/net/udp or udp6, heading included. A line that cannot be read is skipped. */
export function parseSocketTable(text: string, range: PortRange): UdpSocket[] {
	const sockets: UdpSocket[] = [];
	for (const line of text.split("\n")) {
		// sl, local, remote, state, queues, timer, retransmits, uid, timeout, inode: see proc(5).
		const columns = line.trim().split(/\s+/, 10);
		const [, local, , state, , , , uid, , inode] = columns;
		if (local === undefined || state !== UNCONNECTED || inode === undefined) continue;
		const colon = local.lastIndexOf(":");
		const port = Number.parseInt(local.slice(colon + 1), 16);
		if (!(port >= range.first && port <= range.last)) continue;
		const bound = addressFromKernel(local.slice(0, colon));
		if (bound === undefined || !/^\d+$/.test(uid ?? "") || !/^\d+$/.test(inode)) continue;
		sockets.push({ ...bound, port, uid: Number(uid), inode: Number(inode) });
	}
	return sockets;
}

/**
 * Reads /proc/self/net, which hardened units show even with ProcSubset=pid.
 * An unchanged table costs a comparison of bytes, not a parse: a burst of scans after one login mostly finds no change.
 */
export class KernelSocketTable implements SocketTable {
	readonly #files: readonly { path: string; mayLack: boolean; bytes: Buffer; sockets: UdpSocket[] }[];
	#range: PortRange = { first: 0, last: -1 };

	constructor(folder = "/proc/self/net") {
		this.#files = [
			{ path: `${folder}/udp`, mayLack: false, bytes: Buffer.alloc(0), sockets: [] },
			// Absent when the kernel runs without IPv6.
			{ path: `${folder}/udp6`, mayLack: true, bytes: Buffer.alloc(0), sockets: [] },
		];
	}

	read(range: PortRange): UdpSocket[] {
		const sameRange = range.first === this.#range.first && range.last === this.#range.last;
		this.#range = range;
		return this.#files.flatMap((file) => {
			const bytes = readTable(file.path, file.mayLack);
			if (!sameRange || !bytes.equals(file.bytes)) {
				file.sockets = parseSocketTable(bytes.toString("latin1"), range);
				file.bytes = bytes;
			}
			return file.sockets;
		});
	}
}

function readTable(path: string, mayLack: boolean): Buffer {
	try {
		return readFileSync(path);
	} catch (error) {
		if (mayLack && (error as NodeJS.ErrnoException).code === "ENOENT") return Buffer.alloc(0);
		throw error;
	}
}
