/**
 * Lists the kernel's bound UDP sockets, of this network namespace only, which is the scope of its firewall, too.
 *
 * By `ss`, which lets the kernel select by port (sock_diag(7)). /proc/net/udp cannot select, and reading it takes time for every
 * socket of the host: with 48,000 idle ones it took 830 ms and blocked the process; `ss` took 10 ms.
 */

import { readFileSync } from "node:fs";
import { addressFromText, type LocalAddress } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { crowdsOf, localAddresses, type Narrowing, narrowTo } from "./socket-flood.js";
import type { GuardedRange, UdpSocket } from "./udp-socket.js";

export interface SocketTable {
	/**
	 * Every socket of the range that is not on loopback. The same array as before means that nothing has changed. One reading
	 * at a time.
	 * @param quick list the sockets only if their number shows that something has changed
	 * @throws when they cannot be listed: "none" and "unknown" must not look alike
	 */
	read(range: GuardedRange, quick?: boolean): Promise<readonly UdpSocket[]>;
	/** Reads these ports; the others are as listed last. May overtake a `read` under way. */
	readPorts(ports: ReadonlySet<number>): Promise<readonly UdpSocket[]>;
}

/** All unconnected sockets, with owner and inode, numeric, without a heading; the filter comes on standard input. */
const LISTING = ["-uanHe", "-F", "-", "state", "unconnected"] as const;
/**
 * No firewall here filters loopback, so its sockets need no opening, and 127.0.0.0/8 has room for any number of them.
 * IPv4-mapped addresses are matched as IPv4.
 */
const NOT_LOOPBACK = "not src 127.0.0.0/8 and not src [::1]";

/**
 * The kernel delivers its list in messages of at least 3.7 kB, some 25 sockets, and a socket that closes between two messages
 * can hide another one from the second. Fewer sockets than this come in one message.
 */
const ONE_MESSAGE = 16;

/**
 * This many listed sockets beyond what users may have are a flood: each costs `ss` some 40 µs to print. For FLOOD_MS after it,
 * only sockets that can be a session's are listed (socket-flood.ts).
 */
const FLOOD = 1000;
const FLOOD_MS = 300_000;

/** The socket in a line of `ss -e`; undefined for any other line. */
export function parseSocket(line: string): UdpSocket | undefined {
	const found = LINE.exec(line);
	if (found === null) {
		return undefined;
	}
	const [, host = "", port, details = ""] = found;
	const bound = boundAddress(host);
	const inode = /\bino:(\d+)/.exec(details)?.[1];
	if (bound === undefined || inode === undefined || inode === "0") {
		return undefined;
	}
	const { family, address } = bound;
	// `ss` omits root's uid. Written out, not `...bound`, so that all have one shape, which V8 handles twice as fast.
	const uid = Number(/\buid:(\d+)/.exec(details)?.[1] ?? 0);
	return { family, address, port: Number(port), uid, inode: Number(inode) };
}

/** Queues, local address and port, peer, details: `0 0 10.0.0.1%eth0:60001 0.0.0.0:* uid:1000 ino:4711 sk:1`. */
const LINE = /^\s*-?\d+\s+-?\d+\s+(\S+):(\d+)\s+\S+:\*(?:\s+(.*))?$/;

function boundAddress(host: string): LocalAddress | undefined {
	// A dual-stack wildcard.
	if (host === "*") {
		return { family: "ipv6", address: "::" };
	}
	const bare = host.replace(/%[^%]*$/, "");
	return bare.startsWith("[") ? addressFromText("ipv6", bare.slice(1, -1)) : addressFromText("ipv4", bare);
}

/** Files in which the kernel counts sockets; that of IPv6 may be absent. */
const COUNTS = [
	["sockstat", /^UDP: inuse (\d+)/m],
	["sockstat6", /^UDP6: inuse (\d+)/m],
] as const;

export interface SocketTableOptions {
	/** It is read often: the next `ss` is started ahead. */
	readonly prestart?: boolean;
	/** How many sockets of one user are returned, those known longest first: anybody can bind any number of them. */
	readonly maxPerUser?: () => number;
	/** Folder of those files. */
	readonly folder?: string;
}

/**
 * A quick reading counts the host's sockets, at a thirtieth of the cost: if there are as many as at the last listing, the table
 * is taken as unchanged. It misses a socket that was bound while another one was closed, so it is for scans that closely follow a
 * full one.
 *
 * An unchanged table is returned as the same array, an unchanged socket as the same object.
 */
export class KernelSocketTable implements SocketTable {
	readonly #commands: Pick<Commands, "run">;
	readonly #prestart: boolean;
	readonly #maxPerUser: () => number;
	readonly #folder: string;
	#sockets: readonly UdpSocket[] = [];
	#byInode: ReadonlyMap<number, UdpSocket> = new Map();
	#range: GuardedRange = { first: 0, last: -1 };
	/** How many sockets the host had when the range was listed; undefined if unknown. */
	#counted: number | undefined;
	/** By port, the number of the last reading that was limited to single ports and included it. */
	readonly #readAt = new Map<number, number>();
	#reading = 0;
	#flood: { readonly crowds: ReadonlySet<string>; readonly until: number } | undefined;

	constructor(commands: Pick<Commands, "run">, options: SocketTableOptions = {}) {
		this.#commands = commands;
		this.#prestart = options.prestart ?? false;
		this.#maxPerUser = options.maxPerUser ?? (() => Number.POSITIVE_INFINITY);
		this.#folder = options.folder ?? "/proc/self/net";
	}

	async read(range: GuardedRange, quick = false): Promise<readonly UdpSocket[]> {
		const known = range.first === this.#range.first && range.last === this.#range.last;
		const counted = this.#count();
		if (quick && known && counted !== undefined && counted === this.#counted) {
			return this.#sockets;
		}
		const began = ++this.#reading;
		const narrow = await this.#narrowing();
		const listed = await this.#list(
			`sport >= :${range.first} and sport <= :${range.last}${narrow?.filter ?? ""}`,
		);
		// Readings of single ports made meanwhile are newer; sockets that were not asked for are kept as they were.
		const overtaken = (port: number) => (this.#readAt.get(port) ?? 0) > began;
		const notAskedFor = (socket: UdpSocket) => known && narrow !== undefined && !narrow.asksFor(socket);
		const kept = this.#sockets.filter((socket) => overtaken(socket.port) || notAskedFor(socket));
		const before = this.#sockets;
		this.#replace([...listed.filter(({ port }) => !overtaken(port)), ...kept]);
		this.#range = range;
		this.#counted = counted === this.#count() ? counted : undefined;
		if (listed.length >= ONE_MESSAGE) {
			// The first list of a range: only a second one shows what was missed between messages.
			if (!known) {
				return await this.read(range);
			}
			await this.#confirmAbsent(before);
		}
		if (this.#reading === began) {
			this.#readAt.clear();
		}
		return this.#sockets;
	}

	async readPorts(ports: ReadonlySet<number>): Promise<readonly UdpSocket[]> {
		if (ports.size === 0) {
			return this.#sockets;
		}
		const began = ++this.#reading;
		for (const port of ports) {
			this.#readAt.set(port, began);
		}
		const listed = await this.#list([...ports].map((port) => `sport = :${port}`).join(" or "));
		const newest = (port: number) => this.#readAt.get(port) === began;
		const others = this.#sockets.filter(({ port }) => !ports.has(port) || !newest(port));
		this.#replace([...others, ...listed.filter(({ port }) => newest(port))]);
		return this.#sockets;
	}

	/** Sockets that are missing from a list of several messages: each port is read again. */
	async #confirmAbsent(before: readonly UdpSocket[]): Promise<void> {
		const present = new Set(this.#sockets);
		const absent = before.filter((socket) => !present.has(socket)).map(({ port }) => port);
		await this.readPorts(new Set(absent));
	}

	async #list(filter: string): Promise<UdpSocket[]> {
		const input = `( ${filter} ) and ${NOT_LOOPBACK}\n`;
		const { stdout } = await this.#commands.run("ss", LISTING, { input, prestart: this.#prestart });
		const known: UdpSocket[] = [];
		const fresh: UdpSocket[] = [];
		for (const line of stdout.split("\n")) {
			const socket = parseSocket(line);
			if (socket === undefined) {
				continue;
			}
			const before = this.#byInode.get(socket.inode);
			if (before !== undefined && isSame(before, socket)) {
				known.push(before);
			} else {
				fresh.push(socket);
			}
		}
		return this.#limited(known, fresh);
	}

	#limited(known: readonly UdpSocket[], fresh: readonly UdpSocket[]): UdpSocket[] {
		const max = this.#maxPerUser();
		const counts = new Map<number, number>();
		for (const { uid } of known) {
			counts.set(uid, (counts.get(uid) ?? 0) + 1);
		}
		const kept = [...known];
		const excess: UdpSocket[] = [];
		for (const socket of fresh) {
			const count = counts.get(socket.uid) ?? 0;
			counts.set(socket.uid, count + 1);
			(count < max ? kept : excess).push(socket);
		}
		if (excess.length > FLOOD) {
			this.#flood = { crowds: crowdsOf(excess), until: performance.now() + FLOOD_MS };
		}
		return kept;
	}

	/** How the list is restricted while a user floods the range; undefined otherwise. */
	async #narrowing(): Promise<Narrowing | undefined> {
		if (this.#flood === undefined) {
			return undefined;
		}
		const { crowds, until } = this.#flood;
		if (performance.now() < until) {
			return narrowTo(await localAddresses(this.#commands), crowds);
		}
		this.#flood = undefined;
		return undefined;
	}

	#replace(sockets: readonly UdpSocket[]): void {
		const same =
			sockets.length === this.#sockets.length &&
			new Set([...sockets, ...this.#sockets]).size === sockets.length;
		if (same) {
			return;
		}
		this.#sockets = sockets;
		this.#byInode = new Map(sockets.map((socket) => [socket.inode, socket]));
	}

	#count(): number | undefined {
		let sum = 0;
		for (const [name, pattern] of COUNTS) {
			const count = countIn(`${this.#folder}/${name}`, pattern);
			if (count === undefined && name === "sockstat") {
				return undefined;
			}
			sum += count ?? 0;
		}
		return sum;
	}
}

function isSame(a: UdpSocket, b: UdpSocket): boolean {
	return a.inode === b.inode && a.port === b.port && a.address === b.address && a.uid === b.uid;
}

function countIn(file: string, pattern: RegExp): number | undefined {
	try {
		const found = pattern.exec(readFileSync(file, "utf8"))?.[1];
		return found === undefined ? undefined : Number(found);
	} catch {
		return undefined;
	}
}
