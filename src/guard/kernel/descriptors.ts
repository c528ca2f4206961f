/**
 * Lists what processes have open, from /proc, a few entries at a time: any user may have a million descriptors, and listing all of
 * them at once would block the guard.
 */

import { opendirSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

export interface DescriptorSource {
	pids(): Iterable<number>;
	/** The owner, by the real uid where /proc shows the process as root's; undefined when it has ended. */
	uidOf(pid: number): number | undefined;
	/** One item per descriptor: the inode of a socket, undefined for anything else. None if the process may not be inspected. */
	descriptors(pid: number): Iterable<number | undefined>;
}

/** Directory entries that Node reads at once. */
const BUFFERED_ENTRIES = 128;

export class KernelDescriptors implements DescriptorSource {
	readonly #root: string;

	constructor(root = "/proc") {
		this.#root = root;
	}

	*pids(): Generator<number> {
		for (const name of entries(this.#root)) {
			if (/^[1-9]\d*$/.test(name)) {
				yield Number(name);
			}
		}
	}

	uidOf(pid: number): number | undefined {
		try {
			const { uid } = statSync(`${this.#root}/${pid}`);
			if (uid !== 0) {
				return uid;
			}
			// /proc shows a process that is not dumpable (prctl(2)) as root's.
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
			for (const { inode } of descriptorsIn(folder)) {
				none = false;
				yield inode;
			}
			if (!none) {
				return;
			}
			// The main thread may have ended while others keep the shared descriptors.
			for (const thread of threadsOf(`${folder}/task`)) {
				if (thread === String(pid)) {
					continue;
				}
				for (const { inode } of descriptorsIn(`${folder}/task/${thread}`)) {
					yield inode;
				}
			}
		} catch (error) {
			if (isResourceShortage(error)) {
				throw error;
			}
		}
	}
}

export interface Descriptor {
	/** Of a socket; undefined for anything else. */
	readonly inode: number | undefined;
	/** Where /proc tells of it. */
	readonly file: string;
}

/**
 * The descriptors in ascending order. `folder` is /proc/PID, or that of a thread.
 *
 * Reading the links in `fd` is for the owner and for CAP_DAC_READ_SEARCH, which would give the guard access to every file of the
 * host. Since Linux 5.14, CAP_SYS_PTRACE alone gives access to `fdinfo`, one file per descriptor with mount and inode.
 * @throws when the process has ended or may not be inspected
 */
export function* descriptorsIn(folder: string): Generator<Descriptor> {
	const list = areFew(`${folder}/fd`) ? readdirSync : (path: string) => started(entries(path));
	let names: Iterable<string>;
	try {
		names = list(`${folder}/fd`);
	} catch (error) {
		if (!isForbidden(error) || socketMount() === undefined) {
			throw error;
		}
		for (const name of list(`${folder}/fdinfo`)) {
			const file = `${folder}/fdinfo/${name}`;
			yield { inode: socketInodeByInfo(file), file };
		}
		return;
	}
	for (const name of names) {
		const file = `${folder}/fd/${name}`;
		yield { inode: socketInode(file), file };
	}
}

/**
 * Whether a descriptor is still what it was when it was listed.
 * @throws when it may no longer be inspected
 */
export function isStill({ inode, file }: Descriptor): boolean {
	return (file.includes("/fdinfo/") ? socketInodeByInfo(file) : socketInode(file)) === inode;
}

/**
 * Then one call lists them all, at half the cost: in between nobody opens many more. Before Linux 6.2 the folder has no size, and it is
 * not known.
 */
function areFew(folder: string): boolean {
	const { size } = statSync(folder);
	return size > 0 && size <= BUFFERED_ENTRIES;
}

/** Makes a generator open its directory at once, so that a failure shows here. */
function started<T>(items: Generator<T>): Iterable<T> {
	const { value, done } = items.next();
	return (function* () {
		if (done === true) {
			return;
		}
		yield value;
		yield* items;
	})();
}

function* entries(folder: string): Generator<string> {
	const directory = opendirSync(folder, { bufferSize: BUFFERED_ENTRIES });
	try {
		for (;;) {
			const entry = directory.readSync();
			if (entry === null) {
				return;
			}
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
		if (isForbidden(error) || isResourceShortage(error)) {
			throw error;
		}
		// It was closed meanwhile, or its path is longer than the kernel prints.
		return undefined;
	}
}

function socketInodeByInfo(file: string): number | undefined {
	try {
		const { mount, inode } = infoIn(file);
		return mount === socketMount() ? inode : undefined;
	} catch (error) {
		if (isForbidden(error) || isResourceShortage(error)) {
			throw error;
		}
		// It was closed meanwhile.
		return undefined;
	}
}

function infoIn(file: string): { readonly mount: number; readonly inode: number | undefined } {
	// Node reads UTF-8 in one call.
	const text = readFileSync(file, "utf8");
	const inode = /^ino:\t(\d+)/m.exec(text)?.[1];
	return {
		mount: Number(/^mnt_id:\t(\d+)/m.exec(text)?.[1]),
		inode: inode === undefined ? undefined : Number(inode),
	};
}

let known: { readonly mount: number | undefined } | undefined;

/**
 * All sockets, and nothing else, are on one internal mount of the kernel. Undefined if the kernel is too old to show inodes
 * there. Found by some socket of this process, which always has one: Node's own, or an inherited one.
 */
function socketMount(): number | undefined {
	if (known !== undefined) {
		return known.mount;
	}
	const own = "/proc/self";
	for (const name of readdirSync(`${own}/fd`)) {
		if (socketInode(`${own}/fd/${name}`) === undefined) {
			continue;
		}
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

/** The guard itself is short of descriptors or memory: then nothing can be inspected. */
export function isResourceShortage(error: unknown): boolean {
	return ["EMFILE", "ENFILE", "ENOMEM"].includes((error as NodeJS.ErrnoException).code ?? "");
}
