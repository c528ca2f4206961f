/**
 * Lists the kernel's bound UDP sockets, of this network namespace only, which is the scope of its firewall, too.
 *
 * By sock_diag(7), which selects by port: asked by ourselves where the module for that is there, else by `ss`. /proc/net/udp cannot
 * select, and reading it takes time for every socket of the host: with 48,000 idle ones it took 830 ms and blocked the process; `ss`
 * took 10 ms.
 */

import { addressFromText, type LocalAddress } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { KeptFile } from "../../system/kept-file.js";
import { type NetlinkQuestions, unlessRefused } from "../../system/netlink.js";
import { SocketDiag } from "./socket-diag.js";
import { crowdsOf, localAddresses, type Narrowing, narrowTo } from "./socket-flood.js";
import { changesBetween, madeFrom } from "./table-changes.js";
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

/** Where the kernel counts sockets; that of IPv6 may be absent. */
function countsIn(folder: string) {
	return [
		{ file: new KeptFile(`${folder}/sockstat`), pattern: /^UDP: inuse (\d+)/m, isThere: true },
		{ file: new KeptFile(`${folder}/sockstat6`), pattern: /^UDP6: inuse (\d+)/m, isThere: false },
	] as const;
}

/** Of this host, also for the next guard in this process. */
const COUNTS = countsIn("/proc/self/net");

export interface SocketTableOptions {
	/** It is read often: the next `ss` is started ahead. */
	readonly prestart?: boolean;
	/** Asks the kernel without `ss`. */
	readonly netlink?: NetlinkQuestions | undefined;
	/** How many sockets of one user are returned, those known longest first: anybody can bind any number of them. */
	readonly maxPerUser?: () => number;
	/** Folder of those files. */
	readonly folder?: string;
}

/**
 * A quick reading counts the host's sockets, at a thirtieth of the cost: if there are as many as at the last listing, and as readings
 * of single ports have found since, the table is taken as unchanged. It misses a socket that was bound while another one was closed, so
 * it is for scans that closely follow a full one.
 *
 * An unchanged table is returned as the same array, an unchanged socket as the same object.
 */
export class KernelSocketTable implements SocketTable {
	readonly #commands: Pick<Commands, "run">;
	readonly #prestart: boolean;
	readonly #diag: SocketDiag | undefined;
	readonly #maxPerUser: () => number;
	readonly #counts: ReturnType<typeof countsIn>;
	#sockets: readonly UdpSocket[] = [];
	readonly #byPort = new ByPort();
	/** By uid, how many sockets are in the table. */
	readonly #ofUser = new Map<number, number>();
	#range: GuardedRange = { first: 0, last: -1 };
	/** How many sockets the host has if no other has come or gone than the table shows; undefined if unknown. */
	#counted: number | undefined;
	/** By port, the number of the last reading that was limited to single ports and included it. */
	readonly #readAt = new Map<number, number>();
	#reading = 0;
	#flood: { readonly crowds: ReadonlySet<string>; readonly until: number } | undefined;

	constructor(commands: Pick<Commands, "run">, options: SocketTableOptions = {}) {
		this.#commands = commands;
		this.#prestart = options.prestart ?? false;
		this.#diag = options.netlink && new SocketDiag(options.netlink);
		this.#maxPerUser = options.maxPerUser ?? (() => Number.POSITIVE_INFINITY);
		this.#counts = options.folder === undefined ? COUNTS : countsIn(options.folder);
	}

	async read(range: GuardedRange, quick = false): Promise<readonly UdpSocket[]> {
		const known = range.first === this.#range.first && range.last === this.#range.last;
		const counted = this.#count();
		if (quick && known && counted !== undefined && counted === this.#counted) {
			return this.#sockets;
		}
		const began = ++this.#reading;
		const narrow = await this.#narrowing();
		const listed = await this.#list(range, narrow);
		// Readings of single ports made meanwhile are newer; sockets that were not asked for are kept as they were.
		const overtaken = ({ port }: UdpSocket) => (this.#readAt.get(port) ?? 0) > began;
		const notAskedFor = (socket: UdpSocket) => known && narrow !== undefined && !narrow.asksFor(socket);
		const { added, removed } = changesBetween(this.#sockets, listed);
		const gone = removed.filter((socket) => !overtaken(socket) && !notAskedFor(socket));
		const fresh = added.filter((socket) => !overtaken(socket));
		const isAll = gone.length === removed.length && fresh.length === added.length;
		// The kernel's next list will be one that was made from this one.
		this.#change(fresh, gone, isAll && this.#diag !== undefined ? listed : undefined);
		this.#range = range;
		if (this.#sockets.length >= ONE_MESSAGE) {
			// The first list of a range: only a second one shows what was missed between messages.
			if (!known) {
				return await this.read(range);
			}
			// Sockets that are missing from a list of several messages: each port is read again.
			await this.readPorts(new Set(gone.map(({ port }) => port)));
		}
		this.#counted = counted === this.#count() ? counted : undefined;
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
		const listed = await this.#listPorts(ports);
		const newest = ({ port }: UdpSocket) => this.#readAt.get(port) === began;
		const before = [...ports].flatMap((port) => this.#byPort.at(port));
		const { added, removed } = changesBetween(before, listed);
		this.#change(added.filter(newest), removed.filter(newest));
		return this.#sockets;
	}

	async #list(range: GuardedRange, narrow: Narrowing | undefined): Promise<readonly UdpSocket[]> {
		// Only `ss` knows how to say the rest.
		const listed = narrow === undefined ? await this.#ask(range, true) : undefined;
		return (
			listed ?? this.#bySs(`sport >= :${range.first} and sport <= :${range.last}${narrow?.filter ?? ""}`)
		);
	}

	async #listPorts(ports: ReadonlySet<number>): Promise<readonly UdpSocket[]> {
		const range = { first: Math.min(...ports), last: Math.max(...ports) };
		const listed = await this.#ask(range, false);
		return (
			listed?.filter(({ port }) => ports.has(port)) ??
			this.#bySs([...ports].map((port) => `sport = :${port}`).join(" or "))
		);
	}

	/** Undefined where the kernel cannot be asked so. */
	async #ask(range: GuardedRange, isAll: boolean): Promise<readonly UdpSocket[] | undefined> {
		return this.#diag && unlessRefused(this.#diag.list(range, isAll), undefined);
	}

	async #bySs(filter: string): Promise<UdpSocket[]> {
		const input = `( ${filter} ) and ${NOT_LOOPBACK}\n`;
		const { stdout } = await this.#commands.run("ss", LISTING, { input, prestart: this.#prestart });
		return stdout.split("\n").flatMap((line) => {
			const socket = parseSocket(line);
			return socket === undefined
				? []
				: (this.#byPort.at(socket.port).find((known) => isSame(known, socket)) ?? socket);
		});
	}

	/**
	 * Makes the next table. Of one user, no more than the most are kept: those known longest.
	 * @param listed the same, made by the kernel
	 */
	#change(added: readonly UdpSocket[], removed: readonly UdpSocket[], listed?: readonly UdpSocket[]): void {
		for (const socket of removed) {
			this.#byPort.delete(socket);
			this.#ofUser.set(socket.uid, (this.#ofUser.get(socket.uid) ?? 0) - 1);
		}
		const max = this.#maxPerUser();
		const excess: UdpSocket[] = [];
		const kept: UdpSocket[] = [];
		for (const socket of added) {
			const count = this.#ofUser.get(socket.uid) ?? 0;
			if (count >= max) {
				excess.push(socket);
				continue;
			}
			kept.push(socket);
			this.#byPort.add(socket);
			this.#ofUser.set(socket.uid, count + 1);
		}
		if (excess.length > FLOOD) {
			this.#flood = { crowds: crowdsOf(excess), until: performance.now() + FLOOD_MS };
		}
		const before = this.#sockets;
		if (listed !== undefined && listed !== before && excess.length === 0) {
			this.#sockets = listed;
		} else if (kept.length + removed.length > 0) {
			const gone = new Set(removed);
			this.#sockets = [...before.filter((socket) => !gone.has(socket)), ...kept];
		}
		if (this.#sockets !== before) {
			madeFrom(before, this.#sockets, { added: kept, removed });
		}
		if (this.#counted !== undefined) {
			this.#counted += kept.length - removed.length;
		}
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

	#count(): number | undefined {
		let sum = 0;
		for (const { file, pattern, isThere } of this.#counts) {
			const count = countIn(file, pattern);
			if (count === undefined && isThere) {
				return undefined;
			}
			sum += count ?? 0;
		}
		return sum;
	}
}

class ByPort {
	readonly #sockets = new Map<number, readonly UdpSocket[]>();

	at(port: number): readonly UdpSocket[] {
		return this.#sockets.get(port) ?? [];
	}

	add(socket: UdpSocket): void {
		this.#sockets.set(socket.port, [...this.at(socket.port), socket]);
	}

	delete(socket: UdpSocket): void {
		const rest = this.at(socket.port).filter((other) => other !== socket);
		if (rest.length === 0) {
			this.#sockets.delete(socket.port);
		} else {
			this.#sockets.set(socket.port, rest);
		}
	}
}

function isSame(a: UdpSocket, b: UdpSocket): boolean {
	return a.inode === b.inode && a.port === b.port && a.address === b.address && a.uid === b.uid;
}

function countIn(file: KeptFile, pattern: RegExp): number | undefined {
	try {
		const found = pattern.exec(file.read())?.[1];
		return found === undefined ? undefined : Number(found);
	} catch {
		return undefined;
	}
}
