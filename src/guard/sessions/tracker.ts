/** Keeps track of the sessions of this host: sockets in the range, since when they exist, and which process holds each. */

import type { Opening } from "../../firewall/firewall.js";
import { openingKey, sameOpening } from "../../firewall/opening.js";
import type { Descriptor } from "../kernel/descriptors.js";
import {
	type Executable,
	type ProcessFacts,
	type ProcessTable,
	UnreadableProcess,
} from "../kernel/processes.js";
import { changesBetween, type TableChange } from "../kernel/table-changes.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import { HolderFinder } from "./holders.js";
import { type Home, type Identity, identify, isIdentity } from "./identity.js";
import type { Lease } from "./leases.js";
import type { Refusal } from "./refusals.js";
import type { Trust } from "./trust.js";
import { trustedPaths } from "./trusted-paths.js";
import { looksLikeServer } from "./unlisted-server.js";

/** A socket in the range, with what is known of the process that holds it. */
export interface TrackedSession {
	readonly socket: UdpSocket;
	/** Milliseconds of the guard's clock. */
	readonly firstSeen: number;
	/** The genuine server that holds it, or why there is none. */
	holder: Identity | Refusal;
	/** Whether its port may be open, by the last evaluation that was committed. */
	admitted: boolean;
	closedByAdmin: boolean;
}

interface TrackerEntry extends TrackedSession {
	/** Searches for its holder so far. */
	searches: number;
	/** Which processes held it at the last search; of several, it shows later which one stays. */
	pids: readonly number[];
	/** Where one of them had it. */
	descriptor: Descriptor | undefined;
	/** Consecutive searches that did not confirm its identity. */
	unconfirmed: number;
}

export interface ScanRequest {
	/** Every socket of the range; the same array as at the last scan when none has changed. */
	readonly table: readonly UdpSocket[];
	readonly trust: Trust;
	readonly now: number;
	/** The pids that reports name for a socket. */
	readonly reporters: (opening: Opening) => readonly number[];
	/** Reports under way: the processes that they name as holders are inspected first, and where they hold the socket, they count. */
	readonly claimants: readonly Pick<Lease, "pid" | "uid" | "opening">[];
	/** Whether a socket's report is still expected, and counts as made until then. */
	readonly expectedReport: (opening: Opening) => boolean;
	/** Differs from the last scan's when a report has been made or has ended since. */
	readonly reportsVersion: number;
	/** Of which sockets, since a version; undefined if it may be any. */
	readonly reportsChangedSince?: (version: number) => readonly Opening[] | undefined;
	/** Search for every holder again, not only for those of new sockets. */
	readonly recheckHolders: boolean;
}

export interface ScanResult {
	readonly changed: boolean;
	/** Sockets that are gone. */
	readonly gone: readonly UdpSocket[];
	/** An identified server was not found again: scan again soon. */
	readonly unconfirmed: boolean;
}

/**
 * A search takes several system calls, too: a server that is moving to the background may end as parent between two of
 * them, and its child is found only by the next search. Two searches in a row must miss a server before it is lost.
 */
const SEARCHES_TO_LOSE_IDENTITY = 2;

/** A server holds its socket within the first scans after a login; a holder not found by then is sought at sweeps only. */
const INITIAL_SEARCHES = 6;

/** Beside a thousand sessions, a scan after an event looks at those only that the event may concern. */
export class SessionTracker {
	readonly #processes: ProcessTable;
	#finder: HolderFinder;
	readonly #home: Home;
	readonly #tracked = new Map<string, TrackerEntry>();
	readonly #byPort = new Map<number, Set<TrackerEntry>>();
	/** Those whose holder is to be searched again at the next scan that has something to do. */
	readonly #restless = new Set<TrackerEntry>();
	/** Ports on which something has changed since `takeChangedPorts`. */
	#changedPorts = new Set<number>();
	#table: readonly UdpSocket[] = [];
	#reportsVersion = -1;
	/** The next scan has something to decide even if the table does not change. */
	#unsettled = false;

	constructor(processes: ProcessTable, home: Home) {
		this.#processes = processes;
		this.#finder = new HolderFinder(processes);
		this.#home = home;
	}

	/** A tracker that knows the same; its scans change nothing here. */
	copy(): SessionTracker {
		const copy = new SessionTracker(this.#processes, this.#home);
		copy.#finder = this.#finder.copy();
		for (const entry of this.#tracked.values()) {
			const copied = { ...entry };
			copy.#add(copied);
			if (this.#restless.has(entry)) {
				copy.#restless.add(copied);
			}
		}
		copy.#table = this.#table;
		copy.#reportsVersion = this.#reportsVersion;
		copy.#unsettled = this.#unsettled;
		return copy;
	}

	get sessions(): readonly TrackedSession[] {
		return [...this.#tracked.values()];
	}

	/** Every socket of the range at the last scan, whoever holds it. */
	get table(): readonly UdpSocket[] {
		return this.#table;
	}

	/** Whether a socket on the port was there at the last scan. */
	knows(port: number): boolean {
		return this.#byPort.has(port);
	}

	sessionsAt(ports: ReadonlySet<number>): readonly TrackedSession[] {
		return [...ports].flatMap((port) => [...(this.#byPort.get(port) ?? [])]);
	}

	/** On which sessions have come, gone or been identified otherwise since this was asked last. */
	takeChangedPorts(): ReadonlySet<number> {
		const changed = this.#changedPorts;
		this.#changedPorts = new Set();
		return changed;
	}

	/** Whether the process was found to hold the socket at the last search, genuine or not. */
	isHeldBy(opening: Opening, pid: number): boolean {
		return this.#entriesOf(opening).some(({ pids }) => pids.includes(pid));
	}

	/** @throws when the processes cannot be read; what was known is kept */
	scan(request: ScanRequest): ScanResult {
		const { table } = request;
		const same = table === this.#table && request.reportsVersion === this.#reportsVersion;
		if (same && !this.#unsettled && !request.recheckHolders) {
			return { changed: false, gone: [], unconfirmed: false };
		}
		const { added, removed } = this.#changeTo(table, request.recheckHolders);
		const considered = this.#considered(request);
		this.#table = table;
		this.#reportsVersion = request.reportsVersion;
		for (const socket of removed) {
			this.#remove(socket);
		}
		for (const socket of added) {
			const holder: Refusal = { code: "no-holder" };
			const fresh = { admitted: false, closedByAdmin: false, searches: 0, pids: [], unconfirmed: 0 };
			const entry = { socket, firstSeen: request.now, holder, descriptor: undefined, ...fresh };
			this.#add(entry);
			considered.add(entry);
			this.#restless.add(entry);
			this.#changedPorts.add(socket.port);
		}
		const identified = this.#identify(request, considered);
		let unconfirmed = false;
		let undecided = false;
		for (const session of this.#restless) {
			unconfirmed ||= session.unconfirmed > 0;
			undecided ||= isUndecided(session);
		}
		// What was accepted by a report under way is looked at again: that may come to nothing.
		this.#unsettled = unconfirmed || undecided || request.claimants.length > 0;
		return { changed: added.length + removed.length > 0 || identified, gone: removed, unconfirmed };
	}

	/** @param afresh whatever is known of how the table was made */
	#changeTo(table: readonly UdpSocket[], afresh: boolean): TableChange<UdpSocket> {
		if (!afresh) {
			return changesBetween(this.#table, table);
		}
		const present = new Set(table.map(sessionKey));
		return {
			added: table.filter((socket) => !this.#tracked.has(sessionKey(socket))),
			removed: [...this.#tracked].filter(([key]) => !present.has(key)).map(([, { socket }]) => socket),
		};
	}

	/** Those that may need a search. */
	#considered(request: ScanRequest): Set<TrackerEntry> {
		const reported =
			request.reportsVersion === this.#reportsVersion
				? []
				: request.reportsChangedSince?.(this.#reportsVersion);
		if (request.recheckHolders || reported === undefined) {
			return new Set(this.#tracked.values());
		}
		return new Set([...this.#restless, ...reported.flatMap((opening) => this.#entriesOf(opening))]);
	}

	#entriesOf(opening: Opening): readonly TrackerEntry[] {
		const key = openingKey(opening);
		return [...(this.#byPort.get(opening.port) ?? [])].filter(({ socket }) => openingKey(socket) === key);
	}

	#add(entry: TrackerEntry): void {
		const { port } = entry.socket;
		this.#tracked.set(sessionKey(entry.socket), entry);
		this.#byPort.set(port, (this.#byPort.get(port) ?? new Set()).add(entry));
	}

	#remove(socket: UdpSocket): void {
		const { port } = socket;
		const key = sessionKey(socket);
		const entry = this.#tracked.get(key);
		if (entry === undefined) {
			return;
		}
		this.#tracked.delete(key);
		this.#restless.delete(entry);
		const onPort = this.#byPort.get(port);
		onPort?.delete(entry);
		if (onPort?.size === 0) {
			this.#byPort.delete(port);
		}
		this.#changedPorts.add(port);
	}

	#identify(request: ScanRequest, considered: Iterable<TrackerEntry>): boolean {
		const sought: TrackerEntry[] = [];
		for (const session of considered) {
			if (!this.#tracked.has(sessionKey(session.socket))) {
				continue;
			}
			if (this.#needsSearch(session, request)) {
				sought.push(session);
				this.#restless.add(session);
			} else {
				this.#restless.delete(session);
			}
		}
		if (sought.length === 0) {
			return false;
		}
		const files = new Map<string, Executable | undefined>();
		// Most sessions run the same file, so it is read once per scan.
		const fileAt = (path: string) => {
			if (!files.has(path)) {
				files.set(path, this.#processes.file(path));
			}
			return files.get(path);
		};
		let changed = false;
		const searched: TrackerEntry[] = [];
		for (const session of sought) {
			const facts = this.#unchangedHolder(session, request);
			if (facts === undefined) {
				searched.push(session);
			} else {
				session.searches++;
				changed =
					this.#found(session, this.#identifyAmong(session.socket, [facts], request, fileAt)) || changed;
			}
		}
		changed = this.#search(searched, request, fileAt) || changed;
		for (const session of sought) {
			if (!this.#needsSearch(session, { ...request, recheckHolders: false })) {
				this.#restless.delete(session);
			}
		}
		return changed;
	}

	/**
	 * The one process that held it, where it has it still: at a sweep that is nearly all of them, at half the cost of a search. Whether
	 * another has it too is found out at each sweep by itself (second-holders.ts).
	 */
	#unchangedHolder(
		{ socket, holder, pids, descriptor, unconfirmed }: TrackerEntry,
		{ reporters, claimants }: ScanRequest,
	): ProcessFacts | undefined {
		const [pid] = pids;
		const isSettled = isIdentity(holder) && pids.length === 1 && unconfirmed === 0;
		if (!isSettled || pid === undefined || descriptor === undefined || claimants.length > 0) {
			return undefined;
		}
		if (reporters(socket).some((reporter) => reporter !== pid)) {
			return undefined;
		}
		try {
			return this.#processes.hasStill(pid, descriptor) ? this.#processes.describe(pid) : undefined;
		} catch (error) {
			if (error instanceof UnreadableProcess) {
				return undefined;
			}
			throw error;
		}
	}

	/** @returns whether something is known otherwise now */
	#search(
		sought: readonly TrackerEntry[],
		request: ScanRequest,
		fileAt: (path: string) => Executable | undefined,
	): boolean {
		if (sought.length === 0) {
			return false;
		}
		const tracked = this.#tracked;
		const claimed = request.claimants.map(({ pid }) => pid);
		const hints = [
			...claimed,
			...sought.flatMap(({ socket, pids }) => [...request.reporters(socket), ...pids]),
		];
		const found = this.#finder.find({
			inodes: new Set(sought.map(({ socket }) => socket.inode)),
			paths: trustedPaths(request.trust),
			isUnlisted: looksLikeServer,
			hints,
			get busy() {
				return new Set(
					[...tracked.values()].flatMap(({ holder }) => (isIdentity(holder) ? [holder.pid] : [])),
				);
			},
		});
		let changed = false;
		for (const session of sought) {
			session.searches++;
			const { inode, uid } = session.socket;
			const pids = found.byInode.get(inode) ?? [];
			const none: Refusal = { code: found.unreadableOf.has(uid) ? "holder-unreadable" : "no-holder" };
			session.pids = pids;
			session.descriptor = found.descriptors.get(inode);
			const unlisted = found.unlistedByInode.get(inode) ?? [];
			const holder =
				pids.length > 0
					? this.#identifyHolders(session.socket, pids, request, fileAt)
					: (this.#unlistedHolder(session.socket, unlisted, request, fileAt) ?? none);
			changed = this.#found(session, holder) || changed;
		}
		return changed;
	}

	/** @returns whether that is something else than before, or than one search that missed it may change */
	#found(session: TrackerEntry, holder: Identity | Refusal): boolean {
		const lost = isIdentity(session.holder) && !isIdentity(holder);
		if (lost && ++session.unconfirmed < SEARCHES_TO_LOSE_IDENTITY) {
			return false;
		}
		session.unconfirmed = 0;
		if (sameHolder(holder, session.holder)) {
			return false;
		}
		session.holder = holder;
		this.#changedPorts.add(session.socket.port);
		return true;
	}

	#needsSearch(session: TrackerEntry, { recheckHolders, reporters }: ScanRequest): boolean {
		if (recheckHolders || isUndecided(session) || session.unconfirmed > 0) {
			return true;
		}
		const { socket, holder } = session;
		// A script is accepted only while it reports: search again when its report has been made or has ended.
		if (isIdentity(holder)) {
			return holder.kind === "script" && !reporters(socket).includes(holder.pid);
		}
		return reporters(socket).length > 0;
	}

	#identifyHolders(
		socket: UdpSocket,
		pids: readonly number[],
		request: ScanRequest,
		fileAt: (path: string) => Executable | undefined,
	): Identity | Refusal {
		const facts = pids.flatMap((pid) => this.#describe(pid) ?? []);
		return this.#identifyAmong(socket, facts, request, fileAt);
	}

	#identifyAmong(
		socket: UdpSocket,
		facts: readonly ProcessFacts[],
		request: ScanRequest,
		fileAt: (path: string) => Executable | undefined,
	): Identity | Refusal {
		// While a server moves to the background and starts the user's shell, three processes hold its socket.
		const leading = facts.find(({ pid }) => !facts.some(({ parent }) => parent === pid));
		if (leading === undefined) {
			return { code: "no-holder" };
		}
		if (ancestry(leading, facts).length < facts.length) {
			return { code: "many-holders", detail: `processes ${facts.map(({ pid }) => pid).join(", ")}` };
		}
		const { reporters, expectedReport, claimants, trust } = request;
		const reported =
			reporters(socket).includes(leading.pid) ||
			expectedReport(socket) ||
			claimants.some(({ pid, uid, opening }) => {
				return pid === leading.pid && (uid ?? socket.uid) === socket.uid && sameOpening(opening, socket);
			});
		return identify(leading, socket, trust, this.#home, reported, fileAt);
	}

	/** A refusal that says which mosh-server it is; whatever else it is stays another program's. */
	#unlistedHolder(
		socket: UdpSocket,
		pids: readonly number[],
		{ trust }: ScanRequest,
		fileAt: (path: string) => Executable | undefined,
	): Refusal | undefined {
		for (const pid of pids) {
			const facts = this.#describe(pid);
			if (facts === undefined) {
				continue;
			}
			const outcome = identify(facts, socket, trust, this.#home, false, fileAt);
			if (!isIdentity(outcome) && outcome.code !== "untrusted-executable") {
				return outcome;
			}
		}
		return undefined;
	}

	#describe(pid: number) {
		try {
			return this.#processes.describe(pid);
		} catch (error) {
			if (error instanceof UnreadableProcess) {
				return undefined;
			}
			throw error;
		}
	}
}

function isUndecided({ holder, searches, pids }: TrackerEntry): boolean {
	return (!isIdentity(holder) || pids.length > 1) && searches < INITIAL_SEARCHES;
}

/** A process and those of `all` that are its ancestors. */
function ancestry(process: ProcessFacts, all: readonly ProcessFacts[]): ProcessFacts[] {
	const rest = all.filter((other) => other !== process);
	const parent = rest.find(({ pid }) => pid === process.parent);
	return parent === undefined ? [process] : [process, ...ancestry(parent, rest)];
}

/** Built once per socket: with a thousand of them, building the keys would dominate the cost of a scan. */
const keys = new WeakMap<UdpSocket, string>();

function sessionKey(socket: UdpSocket): string {
	let key = keys.get(socket);
	if (key === undefined) {
		key = `${openingKey(socket)} ${socket.inode}`;
		keys.set(socket, key);
	}
	return key;
}

/** In all that is decided by. Another process of the same number, which has inherited the socket, may well be the same. */
function sameHolder(a: Identity | Refusal, b: Identity | Refusal): boolean {
	if (isIdentity(a) && isIdentity(b)) {
		const isSame = a.pid === b.pid && a.kind === b.kind && a.path === b.path;
		return isSame && a.groups.length === b.groups.length && a.groups.every((gid, at) => gid === b.groups[at]);
	}
	return !isIdentity(a) && !isIdentity(b) && a.code === b.code;
}
