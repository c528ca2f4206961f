/** Finds which trusted process holds which socket: costly, so it is asked only about sockets without a known holder. */

import type { Descriptor } from "../kernel/descriptors.js";
import { type ProcessTable, UnreadableProcess } from "../kernel/processes.js";
import type { PathTest } from "./trusted-paths.js";

export interface HolderSearch {
	/** Inodes of the sockets whose holders are wanted. */
	readonly inodes: ReadonlySet<number>;
	/** Only processes that run one of these executables are inspected. */
	readonly paths: PathTest;
	/** Inspected last, for sockets without a trusted holder: what may be a mosh-server that is not listed. */
	readonly isUnlisted: (path: string) => boolean;
	/** Pids that are inspected first, such as those that reports name. */
	readonly hints: readonly number[];
	/** Pids that are inspected last: each is known to hold another session's socket, usually its only one. Seldom asked for. */
	readonly busy: ReadonlySet<number>;
}

export interface Holders {
	readonly byInode: ReadonlyMap<number, readonly number[]>;
	/** Where one of these has it. */
	readonly descriptors: ReadonlyMap<number, Descriptor>;
	/** Holders of the remaining sockets, as far as unlisted servers hold them. */
	readonly unlistedByInode: ReadonlyMap<number, readonly number[]>;
	/** Owners of processes that could not be inspected: one of those may hold a socket of that user. */
	readonly unreadableOf: ReadonlySet<number>;
}

/** More new processes than this are found faster in the list of all. */
const MOST_RECENT = 256;

/** Unlisted servers of one user that a search inspects: anybody may start any number, each with many descriptors. */
const MAX_UNLISTED_PER_USER = 16;

/**
 * Remembers which processes existed at the last search. A new socket is nearly always held by a new process, and the search
 * ends once every socket has its holder: a login costs the same beside one session and beside a thousand.
 */
export class HolderFinder {
	readonly #processes: ProcessTable;
	#seen: ReadonlySet<number>;
	/** The newest process at the last search. */
	#newest: number | undefined;

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
		const descriptors = new Map<number, Descriptor>();
		const inspected = new Set<number>();
		const unreadableOf = new Set<number>();
		const unlisted: number[] = [];
		const hinted = new Set(search.hints);
		for (const pids of this.#stages(search)) {
			for (const pid of pids) {
				if (inspected.has(pid)) {
					continue;
				}
				inspected.add(pid);
				try {
					const path = this.#processes.executablePath(pid);
					if (path === undefined) {
						continue;
					}
					if (search.paths.has(path)) {
						this.#inspect(pid, search, byInode, descriptors);
					} else if (search.isUnlisted(path) || hinted.has(pid)) {
						unlisted.push(pid);
					}
				} catch (error) {
					if (!(error instanceof UnreadableProcess)) {
						throw error;
					}
					const owner = this.#processes.owner(pid);
					if (owner !== undefined) {
						unreadableOf.add(owner);
					}
				}
			}
			// Only between stages: a second holder of the same socket must be found too.
			if (byInode.size === search.inodes.size) {
				break;
			}
		}
		const candidates = byInode.size < search.inodes.size ? unlisted : [];
		const unlistedByInode = this.#inspectUnlisted(candidates, search, byInode);
		return { byInode, descriptors, unlistedByInode, unreadableOf };
	}

	#inspectUnlisted(
		unlisted: readonly number[],
		search: HolderSearch,
		found: ReadonlyMap<number, unknown>,
	): Map<number, number[]> {
		const inodes = new Set([...search.inodes].filter((inode) => !found.has(inode)));
		const byInode = new Map<number, number[]>();
		const inspectedOf = new Map<number, number>();
		for (const pid of unlisted) {
			const owner = this.#processes.owner(pid);
			if (owner === undefined) {
				continue;
			}
			const count = inspectedOf.get(owner) ?? 0;
			inspectedOf.set(owner, count + 1);
			if (count >= MAX_UNLISTED_PER_USER) {
				continue;
			}
			try {
				this.#inspect(pid, { inodes }, byInode);
			} catch (error) {
				// It is then not reported, like any other program.
				if (!(error instanceof UnreadableProcess)) {
					throw error;
				}
			}
		}
		return byInode;
	}

	/** Each is computed only if the previous ones were not enough: a login needs no list of processes. */
	*#stages(search: HolderSearch): Generator<readonly number[]> {
		yield search.hints;
		yield this.#recent();
		const { busy } = search;
		const alive = this.#processes.pids();
		const seen = this.#seen;
		this.#seen = new Set(alive);
		yield alive.filter((pid) => !seen.has(pid) && !busy.has(pid));
		yield alive.filter((pid) => seen.has(pid) && !busy.has(pid));
		yield alive.filter((pid) => busy.has(pid));
	}

	/** Those that the kernel has numbered since the last search: one after the other, unless it has begun again. */
	#recent(): number[] {
		const newest = this.#processes.newestPid();
		const last = this.#newest;
		this.#newest = newest;
		if (newest === undefined || last === undefined || newest < last || newest - last > MOST_RECENT) {
			return [];
		}
		const numbers = Array.from({ length: newest - last }, (_, index) => last + 1 + index);
		return numbers.filter((pid) => this.#processes.isProcess(pid));
	}

	#inspect(
		pid: number,
		{ inodes }: Pick<HolderSearch, "inodes">,
		byInode: Map<number, number[]>,
		descriptors?: Map<number, Descriptor>,
	): void {
		for (const [inode, descriptor] of this.#processes.socketsOf(pid)) {
			if (!inodes.has(inode)) {
				continue;
			}
			byInode.set(inode, [...(byInode.get(inode) ?? []), pid]);
			descriptors?.set(inode, descriptor);
		}
	}
}
