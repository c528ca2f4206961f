/**
 * What processes have open, from /proc: a piece at a time, since any user may have a million descriptors, and to list them all
 * would hold up whoever waits for the guard.
 */

import { opendirSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

export interface DescriptorSource {
	pids(): Iterable<number>;
	/** Whose process it is, by its real uid where /proc does not show it as its owner's; undefined when it has ended. */
	uidOf(pid: number): number | undefined;
	/** One for each descriptor: the inode of a socket, undefined for anything else. Nothing of a process that may not be read. */
	descriptors(pid: number): Iterable<number | undefined>;
}

/** Entries that Node holds at once. */
const PIECE = 128;

export class KernelDescriptors implements DescriptorSource {
	readonly #root: string;

	constructor(root = "/proc") {
		this.#root = root;
	}

	*pids(): Generator<number> {
		for (const name of entries(this.#root)) {
			if (/^[1-9]\d*$/.test(name)) yield Number(name);
		}
	}

	uidOf(pid: number): number | undefined {
		try {
			const { uid } = statSync(`${this.#root}/${pid}`);
			if (uid !== 0) return uid;
			// A process that must not be dumped is shown as root's.
			const real = /^Uid:\t(\d+)/m.exec(readFileSync(`${this.#root}/${pid}/status`, "utf8"))?.[1];
			return real === undefined ? undefined : Number(real);
		} catch {
			return undefined;
		}
	}

	*descriptors(pid: number): Generator<number | undefined> {
		const folder = `${this.#root}/${pid}`;
		try {
			let none = true;
			for (const inode of descriptorsIn(`${folder}/fd`)) {
				none = false;
				yield inode;
			}
			if (!none) return;
			// The first thread may have ended, and the others still have what they shared.
			for (const thread of threadsOf(`${folder}/task`)) {
				if (thread !== String(pid)) yield* descriptorsIn(`${folder}/task/${thread}/fd`);
			}
		} catch (error) {
			if (isOwnTrouble(error)) throw error;
		}
	}
}

/** In ascending order of the descriptors. Throws when the process has ended or may not be looked at. */
export function* descriptorsIn(folder: string): Generator<number | undefined> {
	for (const name of entries(folder)) yield socketInode(`${folder}/${name}`);
}

function* entries(folder: string): Generator<string> {
	const directory = opendirSync(folder, { bufferSize: PIECE });
	try {
		for (;;) {
			const entry = directory.readSync();
			if (entry === null) return;
			yield entry.name;
		}
	} finally {
		directory.closeSync();
	}
}

function threadsOf(folder: string): string[] {
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}

function socketInode(link: string): number | undefined {
	try {
		const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(link))?.[1];
		return inode === undefined ? undefined : Number(inode);
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "EACCES" || code === "EPERM" || isOwnTrouble(error)) throw error;
		// Closed meanwhile, or a file whose path is longer than the kernel prints.
		return undefined;
	}
}

/** The guard's, not the process's: it cannot see anything then. */
export function isOwnTrouble(error: unknown): boolean {
	return ["EMFILE", "ENFILE", "ENOMEM"].includes((error as NodeJS.ErrnoException).code ?? "");
}
