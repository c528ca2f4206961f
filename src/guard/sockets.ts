/** The kernel's table of bound UDP sockets: of this network namespace only, which is the scope of its firewall too. */

import { closeSync, openSync, readSync } from "node:fs";
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
	/**
	 * Throws when the kernel's table cannot be read: "no sockets" and "do not know" must not look alike.
	 * The same array as before means that nothing changed.
	 */
	read(range: PortRange): readonly UdpSocket[];
}

/** TCP_CLOSE, which for UDP means: not connected. A mosh-server never connects its socket. */
const UNCONNECTED = "07";

const NOTHING = Buffer.alloc(0);
/** The kernel never writes more than this at once, as long as no line is longer. */
const PAGE = 64 * 1024;

/** `text`: /proc/net/udp or udp6, heading included. A line that cannot be read is skipped. */
export function parseSocketTable(text: string, range: PortRange): UdpSocket[] {
	return text.split("\n").flatMap((line) => parseLine(line, range) ?? []);
}

function parseLine(line: string, range: PortRange): UdpSocket | undefined {
	// sl, local, remote, state, queues, timer, retransmits, uid, timeout, inode: see proc(5).
	const [, local, , state, , , , uid, , inode] = line.trim().split(/\s+/, 10);
	if (local === undefined || state !== UNCONNECTED || inode === undefined) return undefined;
	const colon = local.lastIndexOf(":");
	const port = Number.parseInt(local.slice(colon + 1), 16);
	if (!(port >= range.first && port <= range.last)) return undefined;
	const bound = addressFromKernel(local.slice(0, colon));
	if (bound === undefined || !/^\d+$/.test(uid ?? "") || !/^\d+$/.test(inode)) return undefined;
	return { ...bound, port, uid: Number(uid), inode: Number(inode) };
}

interface TableFile {
	readonly path: string;
	readonly mayLack: boolean;
	bytes: Buffer;
	/** By line: those that are as they were need no parsing. */
	lines: ReadonlyMap<string, UdpSocket | undefined>;
}

/**
 * Reads /proc/self/net, which hardened units show even with ProcSubset=pid.
 * Most scans of a burst find no change, and most lines of a changed table are as they were, so a login costs nearly the
 * same beside a thousand sessions. An unchanged table is answered by the same array, an unchanged line by the same socket.
 */
export class KernelSocketTable implements SocketTable {
	readonly #files: readonly TableFile[];
	#range: PortRange = { first: 0, last: -1 };
	#sockets: readonly UdpSocket[] = [];

	constructor(folder = "/proc/self/net") {
		const unread = { bytes: NOTHING, lines: new Map() };
		this.#files = [
			{ path: `${folder}/udp`, mayLack: false, ...unread },
			// Absent when the kernel runs without IPv6.
			{ path: `${folder}/udp6`, mayLack: true, ...unread },
		];
	}

	read(range: PortRange): readonly UdpSocket[] {
		const sameRange = range.first === this.#range.first && range.last === this.#range.last;
		this.#range = range;
		let changed = !sameRange;
		for (const file of this.#files) {
			const bytes = readTable(file.path, file.mayLack, file.bytes);
			if (sameRange && bytes === file.bytes) continue;
			const known = sameRange ? file.lines : new Map<string, UdpSocket | undefined>();
			const lines = bytes.toString("latin1").split("\n");
			file.lines = new Map(
				lines.map((line) => [line, known.has(line) ? known.get(line) : parseLine(line, range)]),
			);
			file.bytes = bytes;
			changed = true;
		}
		if (changed) {
			const sockets = this.#files.flatMap(({ lines }) => [...lines.values()]);
			this.#sockets = sockets.filter((socket) => socket !== undefined);
		}
		return this.#sockets;
	}
}

/** Reused: the kernel gives a page at a time, and a buffer for each would cost more than all the rest of a scan. */
let room = Buffer.alloc(256 * 1024);

/** What was read last lies in `room`: copied only when it differs from `known`, which is returned when it does not. */
function readTable(path: string, mayLack: boolean, known: Buffer): Buffer {
	let descriptor: number;
	try {
		descriptor = openSync(path, "r");
	} catch (error) {
		if (mayLack && (error as NodeJS.ErrnoException).code === "ENOENT") return NOTHING;
		throw error;
	}
	try {
		let length = 0;
		for (;;) {
			if (room.length - length < PAGE) room = Buffer.concat([room], room.length * 2);
			const read = readSync(descriptor, room, length, room.length - length, null);
			if (read === 0) break;
			length += read;
		}
		const bytes = room.subarray(0, length);
		return bytes.equals(known) ? known : Buffer.from(bytes);
	} finally {
		closeSync(descriptor);
	}
}
