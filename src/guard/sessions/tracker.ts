/** The sessions of this host: sockets in the range, since when, and who holds them. */

import type { Opening } from "../../firewall/firewall.js";
import { openingKey } from "../../firewall/opening.js";
import {
	type Executable,
	type ProcessFacts,
	type ProcessTable,
	UnreadableProcess,
} from "../kernel/processes.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import { HolderFinder } from "./holders.js";
import { type Home, type Identity, identify, isIdentity } from "./identity.js";
import type { Refusal } from "./refusals.js";
import type { Trust } from "./trust.js";
import { trustedPaths } from "./trusted-paths.js";
import { looksLikeServer } from "./unlisted-server.js";

export interface Session {
	readonly socket: UdpSocket;
	/** Milliseconds of the guard's clock. */
	readonly firstSeen: number;
	/** A genuine server, or why not. */
	holder: Identity | Refusal;
	/** Allowed by the policy at the last judgement. */
	standing: boolean;
	closedByAdmin: boolean;
}

interface Tracked extends Session {
	/** Searches for its holder so far. */
	searches: number;
	/** Who held it at the last search. Of several, which will stay shows later. */
	pids: readonly number[];
	/** Searches in a row that did not confirm its identity. */
	unconfirmed: number;
}

export interface ScanRequest {
	/** Every socket of the range; the same array as at the last scan when none has changed. */
	readonly table: readonly UdpSocket[];
	readonly trust: Trust;
	readonly now: number;
	/** The pids that reports name for a socket. */
	readonly reporters: (opening: Opening) => readonly number[];
	/** Processes that somebody says hold a socket: looked into first. */
	readonly claimants: readonly { readonly pid: number }[];
	/** Whether the report about a socket is still to come, and counts as made until then. */
	readonly awaited: (opening: Opening) => boolean;
	/** Another number when some report came or went. */
	readonly reportsVersion: number;
	/** Look at every holder again, not only at those of new sockets. */
	readonly thorough: boolean;
}

export interface ScanResult {
	readonly changed: boolean;
	/** Some server was not found where it had been: look again soon. */
	readonly doubtful: boolean;
}

/**
 * A search takes several system calls too: a server that is just leaving the foreground may end as parent between two of
 * them, and its child is found only by the next search. What was identified once is lost by two in a row.
 */
const SEARCHES_TO_LOSE_IDENTITY = 2;

/** Program and socket meet within the first scans after a login; what is unknown then is asked about at each sweep only. */
const SEARCHES_AT_ONCE = 6;

export class SessionTracker {
	readonly #processes: ProcessTable;
	readonly #finder: HolderFinder;
	readonly #home: Home;
	readonly #tracked = new Map<string, Tracked>();
	#table: readonly UdpSocket[] = [];
	#reportsVersion = -1;
	/** Something is left to be decided by the next scan, though the table may not change. */
	#unsettled = false;

	constructor(processes: ProcessTable, home: Home) {
		this.#processes = processes;
		this.#finder = new HolderFinder(processes);
		this.#home = home;
	}

	get sessions(): readonly Session[] {
		return [...this.#tracked.values()];
	}

	/** Every socket of the range at the last read, ours or not. */
	get table(): readonly UdpSocket[] {
		return this.#table;
	}

	/** Whether some socket of the range is believed to have the port. */
	knows(port: number): boolean {
		for (const { socket } of this.#tracked.values()) {
			if (socket.port === port) return true;
		}
		return false;
	}

	/** Whether the process was found to hold the socket, whatever it is, when its holders were looked for. */
	isHeldBy(opening: Opening, pid: number): boolean {
		const key = openingKey(opening);
		return [...this.#tracked.values()].some(
			({ socket, pids }) => pids.includes(pid) && openingKey(socket) === key,
		);
	}

	/** Throws when the processes cannot be read; what was known then stays. */
	scan(request: ScanRequest): ScanResult {
		const { table } = request;
		const same = table === this.#table && request.reportsVersion === this.#reportsVersion;
		if (same && !this.#unsettled && !request.thorough) return { changed: false, doubtful: false };
		this.#table = table;
		this.#reportsVersion = request.reportsVersion;
		const present = new Map(table.map((socket) => [sessionKey(socket), socket]));
		const gone = this.#part(present);
		const arrived = this.#meet(present, request.now);
		const identified = this.#identify(request);
		let unconfirmed = false;
		let undecided = false;
		for (const session of this.#tracked.values()) {
			unconfirmed ||= session.unconfirmed > 0;
			undecided ||= isUndecided(session);
		}
		this.#unsettled = unconfirmed || undecided;
		return { changed: arrived || gone || identified, doubtful: unconfirmed };
	}

	#meet(present: ReadonlyMap<string, UdpSocket>, now: number): boolean {
		let arrived = false;
		for (const [key, socket] of present) {
			if (this.#tracked.has(key)) continue;
			arrived = true;
			const holder: Refusal = { code: "no-holder" };
			const fresh = { standing: false, closedByAdmin: false, searches: 0, pids: [], unconfirmed: 0 };
			this.#tracked.set(key, { socket, firstSeen: now, holder, ...fresh });
		}
		return arrived;
	}

	#part(present: ReadonlyMap<string, UdpSocket>): boolean {
		let gone = false;
		for (const key of this.#tracked.keys()) {
			if (present.has(key)) continue;
			this.#tracked.delete(key);
			gone = true;
		}
		return gone;
	}

	#identify(request: ScanRequest): boolean {
		const unsure = [...this.#tracked.values()].filter((session) => this.#needsLook(session, request));
		if (unsure.length === 0) return false;
		const known = [...this.#tracked.values()].flatMap(({ holder }) =>
			isIdentity(holder) ? [holder.pid] : [],
		);
		const claimed = request.claimants.map(({ pid }) => pid);
		const hints = [
			...claimed,
			...unsure.flatMap(({ socket, pids }) => [...request.reporters(socket), ...pids]),
		];
		const found = this.#finder.find({
			inodes: new Set(unsure.map(({ socket }) => socket.inode)),
			paths: trustedPaths(request.trust),
			strangers: looksLikeServer,
			hints,
			busy: new Set(known),
		});
		const files = new Map<string, Executable | undefined>();
		/** Most sessions run the same file: it is looked at once in a scan. */
		const fileAt = (path: string) => {
			if (!files.has(path)) files.set(path, this.#processes.file(path));
			return files.get(path);
		};
		let changed = false;
		for (const session of unsure) {
			session.searches++;
			const pids = found.byInode.get(session.socket.inode) ?? [];
			const unreadable = found.unreadableOf.has(session.socket.uid);
			const none: Refusal = { code: unreadable ? "holder-unreadable" : "no-holder" };
			session.pids = pids;
			const strangers = found.strangersByInode.get(session.socket.inode) ?? [];
			const holder =
				pids.length > 0
					? this.#identifyHolders(session.socket, pids, request, fileAt)
					: (this.#stranger(session.socket, strangers, request, fileAt) ?? none);
			const lost = isIdentity(session.holder) && !isIdentity(holder);
			if (lost && ++session.unconfirmed < SEARCHES_TO_LOSE_IDENTITY) continue;
			session.unconfirmed = 0;
			if (sameHolder(holder, session.holder)) continue;
			session.holder = holder;
			changed = true;
		}
		return changed;
	}

	#needsLook(session: Tracked, { thorough, reporters }: ScanRequest): boolean {
		if (thorough || isUndecided(session) || session.unconfirmed > 0) return true;
		const { socket, holder } = session;
		// The weaker form rests on its report: look again when that has come or gone.
		if (isIdentity(holder)) return holder.kind === "script" && !reporters(socket).includes(holder.pid);
		return reporters(socket).length > 0;
	}

	#identifyHolders(
		socket: UdpSocket,
		pids: readonly number[],
		request: ScanRequest,
		fileAt: (path: string) => Executable | undefined,
	): Identity | Refusal {
		const facts = pids.flatMap((pid) => this.#describe(pid) ?? []);
		// A server that leaves the foreground while it starts the user's shell exists three times for a moment.
		const leading = facts.find(({ pid }) => !facts.some(({ parent }) => parent === pid));
		if (leading === undefined) return { code: "no-holder" };
		if (lineOf(leading, facts).length < facts.length)
			return { code: "many-holders", detail: `processes ${pids.join(", ")}` };
		const reported = request.reporters(socket).includes(leading.pid) || request.awaited(socket);
		return identify(leading, socket, request.trust, this.#home, reported, fileAt);
	}

	/** A refusal that says which mosh-server it is; whatever else it is stays another program's. */
	#stranger(
		socket: UdpSocket,
		pids: readonly number[],
		{ trust }: ScanRequest,
		fileAt: (path: string) => Executable | undefined,
	): Refusal | undefined {
		for (const pid of pids) {
			const facts = this.#describe(pid);
			if (facts === undefined) continue;
			const outcome = identify(facts, socket, trust, this.#home, false, fileAt);
			if (!isIdentity(outcome) && outcome.code !== "untrusted-executable") return outcome;
		}
		return undefined;
	}

	#describe(pid: number) {
		try {
			return this.#processes.describe(pid);
		} catch (error) {
			if (error instanceof UnreadableProcess) return undefined;
			throw error;
		}
	}
}

function isUndecided({ holder, searches, pids }: Tracked): boolean {
	return (!isIdentity(holder) || pids.length > 1) && searches < SEARCHES_AT_ONCE;
}

/** A process and those of `all` that it descends from. */
function lineOf(process: ProcessFacts, all: readonly ProcessFacts[]): ProcessFacts[] {
	const rest = all.filter((other) => other !== process);
	const parent = rest.find(({ pid }) => pid === process.parent);
	return parent === undefined ? [process] : [process, ...lineOf(parent, rest)];
}

/** Made once per socket: with a thousand of them the text is what a scan would cost. */
const keys = new WeakMap<UdpSocket, string>();

function sessionKey(socket: UdpSocket): string {
	let key = keys.get(socket);
	if (key === undefined) {
		key = `${openingKey(socket)} ${socket.inode}`;
		keys.set(socket, key);
	}
	return key;
}

function sameHolder(a: Identity | Refusal, b: Identity | Refusal): boolean {
	if (isIdentity(a) && isIdentity(b))
		return a.pid === b.pid && a.startTime === b.startTime && a.kind === b.kind;
	return !isIdentity(a) && !isIdentity(b) && a.code === b.code;
}
