/** The kernel's table of bound UDP sockets: of this network namespace only, which is the scope of its firewall too. */

import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import type { Family } from "../../firewall/firewall.js";
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
	 * The same array as before means that nothing changed. `glance`: what can be told without reading the table is enough.
	 */
	read(range: PortRange, glance?: boolean): readonly UdpSocket[];
	/** Whether the last read surely lacks no socket that was there all the while. */
	readonly whole: boolean;
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
	const { family, address } = bound;
	// Not `...bound`: V8 would give each such object a shape of its own, and a look at a thousand of them takes twice the time.
	return { family, address, port, uid: Number(uid), inode: Number(inode) };
}

/** Where a table is, and where the kernel says how many sockets it has. */
interface Source {
	readonly table: string;
	readonly count: string;
	readonly pattern: RegExp;
	/** The table is absent when the kernel runs without this family. */
	readonly mayLack: boolean;
}

class TableFile {
	readonly #source: Source;
	#range: PortRange = { first: 0, last: -1 };
	#bytes: Buffer = NOTHING;
	/** By line: those that are as they were need no parsing. */
	#lines: ReadonlyMap<string, UdpSocket | undefined> = new Map();
	#sockets: readonly UdpSocket[] = [];
	/** How many sockets there were before and after the last read, and in it; undefined where these differ. */
	#counted: number | undefined;

	constructor(source: Source) {
		this.#source = source;
	}

	read(range: PortRange, glance: boolean): readonly UdpSocket[] {
		const known = range.first === this.#range.first && range.last === this.#range.last;
		const counted = this.#count();
		if (glance && known && counted !== undefined && counted === this.#counted) return this.#sockets;
		const bytes = readTable(this.#source.table, this.#source.mayLack, this.#bytes);
		if (!known || bytes !== this.#bytes) this.#parse(bytes, range, known);
		this.#counted = counted === this.#lines.size && counted === this.#count() ? counted : undefined;
		return this.#sockets;
	}

	get whole(): boolean {
		return this.#counted !== undefined;
	}

	#parse(bytes: Buffer, range: PortRange, known: boolean): void {
		const lines = bytes.toString("latin1").trimEnd().split("\n").slice(1);
		const before = known ? this.#lines : new Map<string, UdpSocket | undefined>();
		this.#lines = new Map(
			lines.map((line) => [line, before.has(line) ? before.get(line) : parseLine(line, range)]),
		);
		this.#sockets = [...this.#lines.values()].filter((socket) => socket !== undefined);
		this.#bytes = bytes;
		this.#range = range;
	}

	#count(): number | undefined {
		const { count, pattern, mayLack } = this.#source;
		try {
			const found = pattern.exec(readFileSync(count, "utf8"))?.[1];
			return found === undefined ? undefined : Number(found);
		} catch (error) {
			// Unknown: then every look reads the table.
			return mayLack && (error as NodeJS.ErrnoException).code === "ENOENT" ? 0 : undefined;
		}
	}
}

/**
 * Reads /proc/self/net, which hardened units show even with ProcSubset=pid.
 *
 * One read is not a snapshot: beyond about 30 lines it takes several system calls, and a socket that closes in between shifts
 * the rest, so a living one can be skipped. It is whole when it has as many as the kernel counted before and after it.
 *
 * Beside a thousand sessions the kernel takes 2 ms to print its table, and that is most of what a look costs. A glance only
 * counts: as many as in the last, whole read, and the table is taken to be as it was. It misses one that came while another
 * went, so it is for looks that closely follow a full one.
 *
 * An unchanged table is answered by the same array, an unchanged line by the same socket.
 */
export class KernelSocketTable implements SocketTable {
	readonly #files: readonly TableFile[];
	#parts: readonly (readonly UdpSocket[])[] = [];
	#sockets: readonly UdpSocket[] = [];

	constructor(folder = "/proc/self/net") {
		this.#files = [
			new TableFile({
				table: `${folder}/udp`,
				count: `${folder}/sockstat`,
				pattern: /^UDP: inuse (\d+)/m,
				mayLack: false,
			}),
			new TableFile({
				table: `${folder}/udp6`,
				count: `${folder}/sockstat6`,
				pattern: /^UDP6: inuse (\d+)/m,
				mayLack: true,
			}),
		];
	}

	read(range: PortRange, glance = false): readonly UdpSocket[] {
		const parts = this.#files.map((file) => file.read(range, glance));
		if (parts.some((part, index) => part !== this.#parts[index])) {
			this.#parts = parts;
			this.#sockets = parts.flat();
		}
		return this.#sockets;
	}

	get whole(): boolean {
		return this.#files.every((file) => file.whole);
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
