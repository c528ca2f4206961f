/**
 * Who else has a session's socket open: a process it was passed to, or one that inherited it. The search for the mosh-server
 * itself looks only into programs that may be one, which is what a login can wait for. This one looks into every process of the
 * socket's user, and nobody waits for it: it takes a few milliseconds at a time.
 */

import type { DescriptorSource } from "../kernel/descriptors.js";

export interface HeldSocket {
	readonly inode: number;
	readonly uid: number;
	/** The mosh-server, which may hold it. */
	readonly pid: number;
}

export interface SecondHolders {
	/** Inodes of sockets that another process holds too. */
	readonly shared: ReadonlySet<number>;
	/** Users who have more open than is looked through. */
	readonly untold: ReadonlySet<number>;
}

export interface Bounds {
	/** Of one user. What an ordinary desktop has is a tenth of these. */
	readonly processes: number;
	readonly descriptors: number;
	/** Milliseconds of work, then of leaving the rest of the guard alone. */
	readonly slice: number;
	readonly pause: number;
}

/** 65,536 descriptors take some 0.3 s in all. */
export const BOUNDS: Bounds = { processes: 4096, descriptors: 65_536, slice: 2, pause: 6 };

/** A look at the clock costs as much as some descriptors. */
const STEPS_BETWEEN_CLOCKS = 16;

/** Root needs no second holder for what it wants, and has too much open. */
const ROOT = 0;

interface Wanted {
	readonly holders: Map<number, number>;
	processes: number;
	descriptors: number;
}

export class SecondHolderSearch {
	readonly #source: DescriptorSource;
	readonly #bounds: Bounds;

	constructor(source: DescriptorSource, bounds = BOUNDS) {
		this.#source = source;
		this.#bounds = bounds;
	}

	async find(sockets: readonly HeldSocket[]): Promise<SecondHolders> {
		const wanted = byUser(sockets);
		const shared = new Set<number>();
		const untold = new Set<number>();
		if (wanted.size === 0) return { shared, untold };
		const slices = new Slices(this.#bounds);
		for (const pid of this.#source.pids()) {
			if (slices.over()) await slices.pause();
			const uid = this.#source.uidOf(pid);
			const mine = uid === undefined || untold.has(uid) ? undefined : wanted.get(uid);
			if (uid === undefined || mine === undefined) continue;
			if (++mine.processes > this.#bounds.processes) untold.add(uid);
			for (const inode of this.#source.descriptors(pid)) {
				if (slices.over()) await slices.pause();
				if (++mine.descriptors > this.#bounds.descriptors) untold.add(uid);
				if (untold.has(uid)) break;
				const holder = inode === undefined ? undefined : mine.holders.get(inode);
				if (inode !== undefined && holder !== undefined && holder !== pid) shared.add(inode);
			}
		}
		return { shared, untold };
	}
}

function byUser(sockets: readonly HeldSocket[]): Map<number, Wanted> {
	const wanted = new Map<number, Wanted>();
	for (const { uid, inode, pid } of sockets) {
		if (uid === ROOT) continue;
		const mine = wanted.get(uid) ?? { holders: new Map(), processes: 0, descriptors: 0 };
		mine.holders.set(inode, pid);
		wanted.set(uid, mine);
	}
	return wanted;
}

class Slices {
	readonly #bounds: Bounds;
	#began = performance.now();
	#steps = 0;

	constructor(bounds: Bounds) {
		this.#bounds = bounds;
	}

	over(): boolean {
		if (++this.#steps % STEPS_BETWEEN_CLOCKS !== 0) return false;
		return performance.now() - this.#began > this.#bounds.slice;
	}

	async pause(): Promise<void> {
		await new Promise((resolve) => setTimeout(resolve, this.#bounds.pause));
		this.#began = performance.now();
	}
}
