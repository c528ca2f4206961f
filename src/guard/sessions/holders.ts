/** Which trusted process holds which socket: the costly question, asked only about sockets not seen before. */

import { type ProcessTable, UnreadableProcess } from "../kernel/processes.js";
import type { PathTest } from "./trusted-paths.js";

export interface HolderSearch {
	/** Socket inodes to find holders of. */
	readonly inodes: ReadonlySet<number>;
	/** Only processes that run one of these are looked into. */
	readonly paths: PathTest;
	/** Looked into as well, for sockets that none of those holds: what may be a mosh-server that is not listed. */
	readonly strangers: (path: string) => boolean;
	/** Looked at first: pids that reports named. */
	readonly hints: readonly number[];
	/** Looked at last: processes known to hold another session's socket, usually their only one. */
	readonly busy: ReadonlySet<number>;
}

export interface Holders {
	readonly byInode: ReadonlyMap<number, readonly number[]>;
	/** Who holds those of the others, as far as strangers do. */
	readonly strangersByInode: ReadonlyMap<number, readonly number[]>;
	/** Owners of processes that could not be looked into: one of them may hold a socket of that user. */
	readonly unreadableOf: ReadonlySet<number>;
}

/** Strangers of one user that a search looks into: anybody may start any number, each with many descriptors. */
const MOST_STRANGERS = 16;

/**
 * Remembers which processes it has met. A new socket is nearly always held by a new process, so the walk stops as soon
 * as every socket has its holder: a login costs the same beside one session and beside a thousand.
 */
export class HolderFinder {
	readonly #processes: ProcessTable;
	#met: ReadonlySet<number> = new Set();

	constructor(processes: ProcessTable) {
		this.#processes = processes;
	}

	find(search: HolderSearch): Holders {
		const byInode = new Map<number, number[]>();
		const looked = new Set<number>();
		const unreadableOf = new Set<number>();
		const strangers: number[] = [];
		const hinted = new Set(search.hints);
		for (const pids of this.#stages(search)) {
			for (const pid of pids) {
				if (looked.has(pid)) continue;
				looked.add(pid);
				try {
					const path = this.#processes.executablePath(pid);
					if (path === undefined) continue;
					if (search.paths.has(path)) this.#lookInto(pid, search, byInode);
					else if (search.strangers(path) || hinted.has(pid)) strangers.push(pid);
				} catch (error) {
					if (!(error instanceof UnreadableProcess)) throw error;
					const owner = this.#processes.owner(pid);
					if (owner !== undefined) unreadableOf.add(owner);
				}
			}
			// A stage is finished before its result counts: a second holder beside the first must be noticed.
			if (byInode.size === search.inodes.size) break;
		}
		const missing = byInode.size < search.inodes.size ? strangers : [];
		return { byInode, strangersByInode: this.#lookIntoStrangers(missing, search, byInode), unreadableOf };
	}

	#lookIntoStrangers(
		strangers: readonly number[],
		search: HolderSearch,
		found: ReadonlyMap<number, unknown>,
	): Map<number, number[]> {
		const inodes = new Set([...search.inodes].filter((inode) => !found.has(inode)));
		const byInode = new Map<number, number[]>();
		const lookedOf = new Map<number, number>();
		for (const pid of strangers) {
			const owner = this.#processes.owner(pid);
			if (owner === undefined) continue;
			const looked = lookedOf.get(owner) ?? 0;
			lookedOf.set(owner, looked + 1);
			if (looked >= MOST_STRANGERS) continue;
			try {
				this.#lookInto(pid, { inodes }, byInode);
			} catch (error) {
				// Nothing is said of it then, as of any other program.
				if (!(error instanceof UnreadableProcess)) throw error;
			}
		}
		return byInode;
	}

	/** Each is worked out when the one before did not answer: a login that reports needs no list of processes. */
	*#stages({ hints, busy }: HolderSearch): Generator<readonly number[]> {
		yield hints;
		const alive = this.#processes.pids();
		const met = this.#met;
		this.#met = new Set(alive);
		yield alive.filter((pid) => !met.has(pid) && !busy.has(pid));
		yield alive.filter((pid) => met.has(pid) && !busy.has(pid));
		yield alive.filter((pid) => busy.has(pid));
	}

	#lookInto(pid: number, { inodes }: Pick<HolderSearch, "inodes">, byInode: Map<number, number[]>): void {
		for (const inode of new Set(this.#processes.socketInodes(pid))) {
			if (!inodes.has(inode)) continue;
			byInode.set(inode, [...(byInode.get(inode) ?? []), pid]);
		}
	}
}
