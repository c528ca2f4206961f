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
			for (const inode of descriptorsIn(folder)) {
				none = false;
				yield inode;
			}
			if (!none) return;
			// The first thread may have ended, and the others still have what they shared.
			for (const thread of threadsOf(`${folder}/task`)) {
				if (thread !== String(pid)) yield* descriptorsIn(`${folder}/task/${thread}`);
			}
		} catch (error) {
			if (isOwnTrouble(error)) throw error;
		}
	}
}

/**
 * `folder`: /proc/PID, or that of a thread. In ascending order of the descriptors. Throws when the process has ended or may not
 * be looked at.
 *
 * The links in `fd` are for its owner and for CAP_DAC_READ_SEARCH, which would open every file of the host to the guard. What
 * CAP_SYS_PTRACE alone opens, since Linux 5.14, is `fdinfo`, a file for each descriptor with mount and inode.
 */
export function* descriptorsIn(folder: string): Generator<number | undefined> {
	let names: Iterable<string>;
	try {
		names = first(entries(`${folder}/fd`));
	} catch (error) {
		if (!isForbidden(error) || socketMount() === undefined) throw error;
		for (const name of entries(`${folder}/fdinfo`)) yield socketInodeByInfo(`${folder}/fdinfo/${name}`);
		return;
	}
	for (const name of names) yield socketInode(`${folder}/fd/${name}`);
}

/** Opens what a generator opens, before anything is asked of it. */
function first<T>(items: Generator<T>): Iterable<T> {
	const { value, done } = items.next();
	return (function* () {
		if (done === true) return;
		yield value;
		yield* items;
	})();
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
		if (isForbidden(error) || isOwnTrouble(error)) throw error;
		// Closed meanwhile, or a file whose path is longer than the kernel prints.
		return undefined;
	}
}

function socketInodeByInfo(file: string): number | undefined {
	try {
		const { mount, inode } = infoIn(file);
		return mount === socketMount() ? inode : undefined;
	} catch (error) {
		if (isForbidden(error) || isOwnTrouble(error)) throw error;
		// Closed meanwhile.
		return undefined;
	}
}

function infoIn(file: string): { readonly mount: number; readonly inode: number | undefined } {
	const text = readFileSync(file, "latin1");
	const inode = /^ino:\t(\d+)/m.exec(text)?.[1];
	return {
		mount: Number(/^mnt_id:\t(\d+)/m.exec(text)?.[1]),
		inode: inode === undefined ? undefined : Number(inode),
	};
}

let known: { readonly mount: number | undefined } | undefined;

/**
 * All sockets lie on one mount of the kernel's own, on which nothing else does. Undefined where the kernel is too old to tell
 * inodes there. Found by a socket of this process, which has one open when it asks: Node's own, or what started it gave it.
 */
function socketMount(): number | undefined {
	if (known !== undefined) return known.mount;
	const own = "/proc/self";
	for (const name of readdirSync(`${own}/fd`)) {
		if (socketInode(`${own}/fd/${name}`) === undefined) continue;
		const { mount, inode } = infoIn(`${own}/fdinfo/${name}`);
		known = { mount: inode === undefined ? undefined : mount };
		break;
	}
	return known?.mount;
}

function isForbidden(error: unknown): boolean {
	const { code } = error as NodeJS.ErrnoException;
	return code === "EACCES" || code === "EPERM";
}

/** The guard's, not the process's: it cannot see anything then. */
export function isOwnTrouble(error: unknown): boolean {
	return ["EMFILE", "ENFILE", "ENOMEM"].includes((error as NodeJS.ErrnoException).code ?? "");
}
