/** Finds which trusted process holds which socket: costly, so it is asked only about sockets without a known holder. */

import { type ProcessTable, UnreadableProcess } from "../kernel/processes.js";

export interface HolderSearch {
	/** Inodes of the sockets whose holders are wanted. */
	readonly inodes: ReadonlySet<number>;
	/** Only processes that run one of these executables are inspected. */
	readonly paths: ReadonlySet<string>;
	/** Pids that are inspected first, such as those that reports name. */
	readonly hints: readonly number[];
	/** Pids that are inspected last: each is known to hold another session's socket, usually its only one. */
	readonly busy: ReadonlySet<number>;
}

export interface Holders {
	readonly byInode: ReadonlyMap<number, readonly number[]>;
	/** Owners of processes that could not be inspected: one of those may hold a socket of that user. */
	readonly unreadableOf: ReadonlySet<number>;
}

/**
 * Remembers which processes existed at the last search. A new socket is nearly always held by a new process, and the search
 * ends once every socket has its holder: a login costs the same beside one session and beside a thousand.
 */
export class HolderFinder {
	readonly #processes: ProcessTable;
	#seen: ReadonlySet<number>;

	constructor(processes: ProcessTable, seen: ReadonlySet<number> = new Set()) {
		this.#processes = processes;
		this.#seen = seen;
	}

	/** Its searches do not change what this one remembers. */
	copy(): HolderFinder {
		return new HolderFinder(this.#processes, this.#seen);
	}

	/** @throws what the process table throws, except for single processes that may not be inspected */
	find(search: HolderSearch): Holders {
		const byInode = new Map<number, number[]>();
		const inspected = new Set<number>();
		const unreadableOf = new Set<number>();
		for (const pids of this.#stages(search)) {
			for (const pid of pids) {
				if (inspected.has(pid)) continue;
				inspected.add(pid);
				try {
					this.#inspect(pid, search, byInode);
				} catch (error) {
					if (!(error instanceof UnreadableProcess)) throw error;
					const owner = this.#processes.owner(pid);
					if (owner !== undefined) unreadableOf.add(owner);
				}
			}
			// Only between stages: a second holder of the same socket must be found too.
			if (byInode.size === search.inodes.size) break;
		}
		return { byInode, unreadableOf };
	}

	/** Each is computed only if the previous ones were not enough: a login that reports needs no list of processes. */
	*#stages({ hints, busy }: HolderSearch): Generator<readonly number[]> {
		yield hints;
		const alive = this.#processes.pids();
		const seen = this.#seen;
		this.#seen = new Set(alive);
		yield alive.filter((pid) => !seen.has(pid) && !busy.has(pid));
		yield alive.filter((pid) => seen.has(pid) && !busy.has(pid));
		yield alive.filter((pid) => busy.has(pid));
	}

	#inspect(pid: number, search: HolderSearch, byInode: Map<number, number[]>): void {
		const path = this.#processes.executablePath(pid);
		if (path === undefined || !search.paths.has(path)) return;
		for (const inode of new Set(this.#processes.socketInodes(pid))) {
			if (!search.inodes.has(inode)) continue;
			byInode.set(inode, [...(byInode.get(inode) ?? []), pid]);
		}
	}
}
