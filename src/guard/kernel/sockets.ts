/**
 * The kernel's bound UDP sockets: of this network namespace only, which is the scope of its firewall too.
 *
 * Asked of `ss`, which has the kernel select by port (sock_diag(7)). /proc/net/udp cannot select, and its reader pays for
 * every socket of the host: beside 48,000 idle ones a read took 830 ms and blocked the process; `ss` took 10 ms beside it.
 */

import { readFileSync } from "node:fs";
import { addressFromText, type LocalAddress } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { crowdsOf, localAddresses, type Narrowing, narrowTo } from "./socket-flood.js";
import type { PortRange, UdpSocket } from "./udp-socket.js";

export interface SocketTable {
	/**
	 * Every socket of the range that is not on loopback. Rejects when the kernel cannot be asked: "no sockets" and "do not
	 * know" must not look alike. The same array as before means that nothing changed. `glance`: what can be told without
	 * listing the sockets is enough. One reading at a time.
	 */
	read(range: PortRange, glance?: boolean): Promise<readonly UdpSocket[]>;
	/** These ports anew, the others as they were listed last. May overtake a `read` under way. */
	readPorts(ports: ReadonlySet<number>): Promise<readonly UdpSocket[]>;
}

/** All sockets, with owner and inode, numeric, without a heading, those that are not connected; the filter on standard input. */
const LISTING = ["-uanHe", "-F", "-", "state", "unconnected"] as const;
/**
 * No firewall here filters loopback, so its sockets need no opening; and 127.0.0.0/8 has room for any number of them.
 * IPv4-mapped addresses are matched as IPv4.
 */
const NOT_LOOPBACK = "not src 127.0.0.0/8 and not src [::1]";

/**
 * The kernel hands out its list in pieces of at least 3.7 kB, some 25 sockets, and a socket that closes between two pieces
 * can hide another from the next. Fewer than this come in one piece.
 */
const ONE_PIECE = 16;

/**
 * So many listed sockets beyond what users may have are a flood: each costs `ss` some 40 µs to print. For as long after it only
 * what can be a session's is listed (socket-flood.ts).
 */
const FLOOD = 1000;
const FLOOD_MS = 300_000;

/** How a listed socket is bound, from `ss -e`; `undefined` for a line that is no such socket. */
export function parseSocket(line: string): UdpSocket | undefined {
	const found = LINE.exec(line);
	if (found === null) return undefined;
	const [, host = "", port, details = ""] = found;
	const bound = boundAddress(host);
	const inode = /\bino:(\d+)/.exec(details)?.[1];
	if (bound === undefined || inode === undefined || inode === "0") return undefined;
	const { family, address } = bound;
	// `ss` leaves root's uid out. Written out, not `...bound`: then all have one shape, which V8 handles twice as fast.
	const uid = Number(/\buid:(\d+)/.exec(details)?.[1] ?? 0);
	return { family, address, port: Number(port), uid, inode: Number(inode) };
}

/** Queues, local address and port, peer, details: `0 0 10.0.0.1%eth0:60001 0.0.0.0:* uid:1000 ino:4711 sk:1`. */
const LINE = /^\s*-?\d+\s+-?\d+\s+(\S+):(\d+)\s+\S+:\*(?:\s+(.*))?$/;

function boundAddress(host: string): LocalAddress | undefined {
	// A dual-stack wildcard.
	if (host === "*") return { family: "ipv6", address: "::" };
	const bare = host.replace(/%[^%]*$/, "");
	return bare.startsWith("[") ? addressFromText("ipv6", bare.slice(1, -1)) : addressFromText("ipv4", bare);
}

/** Where the kernel counts sockets; IPv6 may be absent. */
const COUNTS = [
	["sockstat", /^UDP: inuse (\d+)/m],
	["sockstat6", /^UDP6: inuse (\d+)/m],
] as const;

export interface SocketTableOptions {
	/** The next `ss` is started ahead. */
	readonly often?: boolean;
	/** So many sockets of one user are kept in mind, those known longest first: anybody can bind any number of them. */
	readonly mostPerUser?: () => number;
	/** Where the kernel counts its sockets. */
	readonly folder?: string;
}

/**
 * A glance only counts the host's sockets, a thirtieth of the cost: as many as at the last listing, and the table is taken to
 * be as it was. It misses one that came while another went, so it is for looks that closely follow a full one.
 *
 * An unchanged table is answered by the same array, an unchanged socket by the same object.
 */
export class KernelSocketTable implements SocketTable {
	readonly #commands: Pick<Commands, "run">;
	readonly #often: boolean;
	readonly #mostPerUser: () => number;
	readonly #folder: string;
	#sockets: readonly UdpSocket[] = [];
	#byInode: ReadonlyMap<number, UdpSocket> = new Map();
	#range: PortRange = { first: 0, last: -1 };
	/** How many sockets the host had when the range was listed; undefined when that is not known. */
	#counted: number | undefined;
	/** By port, the number of the reading that was told of it last. */
	readonly #readAt = new Map<number, number>();
	#reading = 0;
	#flood: { readonly crowds: ReadonlySet<string>; readonly until: number } | undefined;

	constructor(commands: Pick<Commands, "run">, options: SocketTableOptions = {}) {
		this.#commands = commands;
		this.#often = options.often ?? false;
		this.#mostPerUser = options.mostPerUser ?? (() => Number.POSITIVE_INFINITY);
		this.#folder = options.folder ?? "/proc/self/net";
	}

	async read(range: PortRange, glance = false): Promise<readonly UdpSocket[]> {
		const known = range.first === this.#range.first && range.last === this.#range.last;
		const counted = this.#count();
		if (glance && known && counted !== undefined && counted === this.#counted) return this.#sockets;
		const began = ++this.#reading;
		const narrow = this.#narrowing();
		const listed = await this.#list(
			`sport >= :${range.first} and sport <= :${range.last}${narrow?.filter ?? ""}`,
		);
		// What single ports were asked for meanwhile is newer; what was not asked for is as it was.
		const overtaken = (port: number) => (this.#readAt.get(port) ?? 0) > began;
		const unasked = (socket: UdpSocket) => known && narrow !== undefined && !narrow.asksFor(socket);
		const kept = this.#sockets.filter((socket) => overtaken(socket.port) || unasked(socket));
		const before = this.#sockets;
		this.#replace([...listed.filter(({ port }) => !overtaken(port)), ...kept]);
		this.#range = range;
		this.#counted = counted === this.#count() ? counted : undefined;
		if (listed.length >= ONE_PIECE) {
			// Nothing is known yet that its several pieces might lack: a second list is compared with the first.
			if (!known) return await this.read(range);
			await this.#confirmAbsent(before);
		}
		if (this.#reading === began) this.#readAt.clear();
		return this.#sockets;
	}

	async readPorts(ports: ReadonlySet<number>): Promise<readonly UdpSocket[]> {
		if (ports.size === 0) return this.#sockets;
		const began = ++this.#reading;
		for (const port of ports) this.#readAt.set(port, began);
		const listed = await this.#list([...ports].map((port) => `sport = :${port}`).join(" or "));
		const newest = (port: number) => this.#readAt.get(port) === began;
		const others = this.#sockets.filter(({ port }) => !ports.has(port) || !newest(port));
		this.#replace([...others, ...listed.filter(({ port }) => newest(port))]);
		return this.#sockets;
	}

	/** Of those that a listing in several pieces lacks, each port is asked for alone. */
	async #confirmAbsent(before: readonly UdpSocket[]): Promise<void> {
		const present = new Set(this.#sockets);
		const absent = before.filter((socket) => !present.has(socket)).map(({ port }) => port);
		await this.readPorts(new Set(absent));
	}

	async #list(filter: string): Promise<UdpSocket[]> {
		const input = `( ${filter} ) and ${NOT_LOOPBACK}\n`;
		const { stdout } = await this.#commands.run("ss", LISTING, { input, standby: this.#often });
		const known: UdpSocket[] = [];
		const fresh: UdpSocket[] = [];
		for (const line of stdout.split("\n")) {
			const socket = parseSocket(line);
			if (socket === undefined) continue;
			const before = this.#byInode.get(socket.inode);
			if (before !== undefined && isSame(before, socket)) known.push(before);
			else fresh.push(socket);
		}
		return this.#bounded(known, fresh);
	}

	#bounded(known: readonly UdpSocket[], fresh: readonly UdpSocket[]): UdpSocket[] {
		const most = this.#mostPerUser();
		const counts = new Map<number, number>();
		for (const { uid } of known) counts.set(uid, (counts.get(uid) ?? 0) + 1);
		const kept = [...known];
		const rest: UdpSocket[] = [];
		for (const socket of fresh) {
			const count = counts.get(socket.uid) ?? 0;
			counts.set(socket.uid, count + 1);
			(count < most ? kept : rest).push(socket);
		}
		if (rest.length > FLOOD) this.#flood = { crowds: crowdsOf(rest), until: performance.now() + FLOOD_MS };
		return kept;
	}

	/** While a user floods the range, what is asked for in it; else undefined: everything. */
	#narrowing(): Narrowing | undefined {
		if (this.#flood === undefined) return undefined;
		if (performance.now() < this.#flood.until) return narrowTo(localAddresses(), this.#flood.crowds);
		this.#flood = undefined;
		return undefined;
	}

	#replace(sockets: readonly UdpSocket[]): void {
		const same =
			sockets.length === this.#sockets.length &&
			new Set([...sockets, ...this.#sockets]).size === sockets.length;
		if (same) return;
		this.#sockets = sockets;
		this.#byInode = new Map(sockets.map((socket) => [socket.inode, socket]));
	}

	#count(): number | undefined {
		let sum = 0;
		for (const [name, pattern] of COUNTS) {
			const count = countIn(`${this.#folder}/${name}`, pattern);
			if (count === undefined && name === "sockstat") return undefined;
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
