/**
 * Searches for other processes that have a session's socket open: one that it was passed to, or one that inherited it. The search
 * for the mosh-server itself inspects only programs that may be one, so that a login can wait for it. This one inspects every
 * process of every user who has a session; nothing waits for it, and it runs a few milliseconds at a time.
 */

import type { DescriptorSource } from "../kernel/descriptors.js";

export interface HeldSocket {
	readonly inode: number;
	readonly uid: number;
	/** The mosh-server: the one process that may hold it. */
	readonly pid: number;
}

export interface SecondHolders {
	/** Inodes of sockets that another process holds too. */
	readonly shared: ReadonlySet<number>;
	/** Users with more processes or descriptors than are searched. */
	readonly unsearchable: ReadonlySet<number>;
}

export interface SearchLimits {
	/** Per user. An ordinary desktop has a tenth of these. */
	readonly processes: number;
	readonly descriptors: number;
	/** Milliseconds of work, then of rest, in which the guard does everything else. */
	readonly slice: number;
	readonly pause: number;
}

/** 65,536 descriptors take some 0.3 s in all. */
export const LIMITS: SearchLimits = { processes: 4096, descriptors: 65_536, slice: 2, pause: 6 };

/** Reading the clock costs as much as several descriptors. */
const STEPS_PER_CLOCK_READ = 16;

/** Root gains nothing by a second holder, and has too many descriptors. */
const ROOT = 0;

interface UserSearch {
	processes: number;
	descriptors: number;
}

export class SecondHolderSearch {
	readonly #source: DescriptorSource;
	readonly #limits: SearchLimits;

	constructor(source: DescriptorSource, limits = LIMITS) {
		this.#source = source;
		this.#limits = limits;
	}

	async find(sockets: readonly HeldSocket[]): Promise<SecondHolders> {
		const wanted = new Map<number, UserSearch>();
		for (const { uid } of sockets) {
			if (uid !== ROOT) {
				wanted.set(uid, { processes: 0, descriptors: 0 });
			}
		}
		// Of all users: a process of one may hold another's socket.
		const holders = new Map(sockets.map(({ inode, pid }) => [inode, pid]));
		const shared = new Set<number>();
		const unsearchable = new Set<number>();
		if (wanted.size === 0) {
			return { shared, unsearchable };
		}
		const slices = new Slices(this.#limits);
		for (const pid of this.#source.pids()) {
			if (slices.over()) {
				await slices.pause();
			}
			const uid = this.#source.uidOf(pid);
			const mine = uid === undefined || unsearchable.has(uid) ? undefined : wanted.get(uid);
			if (uid === undefined || mine === undefined) {
				continue;
			}
			if (++mine.processes > this.#limits.processes) {
				unsearchable.add(uid);
			}
			for (const inode of this.#source.descriptors(pid)) {
				if (slices.over()) {
					await slices.pause();
				}
				if (++mine.descriptors > this.#limits.descriptors) {
					unsearchable.add(uid);
				}
				if (unsearchable.has(uid)) {
					break;
				}
				const holder = inode === undefined ? undefined : holders.get(inode);
				if (inode !== undefined && holder !== undefined && holder !== pid) {
					shared.add(inode);
				}
			}
		}
		return { shared, unsearchable };
	}
}

class Slices {
	readonly #limits: SearchLimits;
	#began = performance.now();
	#steps = 0;

	constructor(limits: SearchLimits) {
		this.#limits = limits;
	}

	over(): boolean {
		if (++this.#steps % STEPS_PER_CLOCK_READ !== 0) {
			return false;
		}
		return performance.now() - this.#began > this.#limits.slice;
	}

	async pause(): Promise<void> {
		await new Promise((resolve) => setTimeout(resolve, this.#limits.pause));
		this.#began = performance.now();
	}
}
