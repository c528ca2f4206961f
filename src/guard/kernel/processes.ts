/** Facts about running processes, from /proc. Inspecting other users' processes requires CAP_SYS_PTRACE. */

import { type BigIntStats, existsSync, readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { type Descriptor, descriptorsIn, isResourceShortage, isStill } from "./descriptors.js";
import { mountOf } from "./mounts.js";

/** The file that a process runs, by the kernel's own reference: correct even after it was renamed or unlinked. */
export interface Executable {
	/** Without the kernel's " (deleted)". */
	readonly path: string;
	/** The kernel's path ends in " (deleted)": the file was unlinked after the process started, or its name ends that way. */
	readonly deleted: boolean;
	/** For a deleted file: whether it was reached through the mount that the process itself sees at its folder. Otherwise true. */
	readonly inPlace: boolean;
	/** BigInts: inode numbers of an overlay need 64 bits, and many files would share the nearest double. */
	readonly device: bigint;
	readonly inode: bigint;
	readonly links: number;
	readonly ownerUid: number;
	/** Permission bits and file type, as in stat(2). */
	readonly mode: number;
}

export interface ProcessFacts {
	readonly pid: number;
	readonly parent: number;
	readonly realUid: number;
	readonly effectiveUid: number;
	readonly savedUid: number;
	/** Primary and supplementary groups as the kernel enforces them; a process cannot drop one without privilege. */
	readonly groups: readonly number[];
	readonly executable: Executable;
	readonly userNamespace: string;
	readonly netNamespace: string;
	/** Forgeable by the process. */
	readonly commandLine: readonly string[];
}

/** A process that has ended reads as undefined; one that may not be inspected throws `UnreadableProcess`. */
export interface ProcessTable {
	pids(): readonly number[];
	/** The number that the last new process was given, or a thread; undefined where that is not known. */
	newestPid(): number | undefined;
	/** Whether the number is that of a process: threads have such numbers too, and files like those of a process. */
	isProcess(pid: number): boolean;
	/** The path of the executable without " (deleted)": cheap, so it is asked first. */
	executablePath(pid: number): string | undefined;
	describe(pid: number): ProcessFacts | undefined;
	/** The owner of a process, whether it may be inspected or not. */
	owner(pid: number): number | undefined;
	/** The sockets among the first descriptors of the process, by their inodes. */
	socketsOf(pid: number): ReadonlyMap<number, Descriptor>;
	/** Whether it still has the socket there. */
	hasStill(pid: number, socket: Descriptor): boolean;
	/** Owner, mode, device and inode of a file by path, as the guard sees it. */
	file(path: string): Executable | undefined;
}

export class UnreadableProcess extends Error {
	readonly code = "process-unreadable";
}

export const DELETED = " (deleted)";

export class KernelProcessTable implements ProcessTable {
	readonly #root: string;

	constructor(root = "/proc") {
		this.#root = root;
	}

	pids(): number[] {
		return (
			readdirSync(this.#root)
				// Process 1 is never a mosh-server, and in a container not even root may inspect it.
				.filter((name) => /^[1-9]\d*$/.test(name) && name !== "1")
				.map(Number)
		);
	}

	newestPid(): number | undefined {
		try {
			// The last of five fields.
			const newest = / (\d+)\n?$/.exec(readFileSync(`${this.#root}/loadavg`, "latin1"))?.[1];
			return newest === undefined ? undefined : Number(newest);
		} catch {
			return undefined;
		}
	}

	isProcess(pid: number): boolean {
		const folder = `${this.#root}/${pid}`;
		// Most are gone, and an error costs more than a question.
		if (!existsSync(folder)) {
			return false;
		}
		try {
			return numbersAfter(LINE.process, readFileSync(`${folder}/status`, "utf8"))[0] === pid;
		} catch {
			return false;
		}
	}

	executablePath(pid: number): string | undefined {
		return whileAlive(pid, () => linkOf(`${this.#root}/${pid}/exe`)?.replace(/ \(deleted\)$/, ""));
	}

	owner(pid: number): number | undefined {
		return statSync(`${this.#root}/${pid}`, { throwIfNoEntry: false })?.uid;
	}

	describe(pid: number): ProcessFacts | undefined {
		return whileAlive(pid, () => {
			const folder = `${this.#root}/${pid}`;
			const link = linkOf(`${folder}/exe`);
			if (link === undefined) {
				return undefined;
			}
			// By the kernel's own reference to the file, not by its path.
			const file = statSync(`${folder}/exe`, { bigint: true });
			const deleted = link.endsWith(DELETED);
			const path = deleted ? link.slice(0, -DELETED.length) : link;
			// Node reads UTF-8 in one call. The process name in it may be malformed, but is not used.
			const status = readFileSync(`${folder}/status`, "utf8");
			const [realUid, effectiveUid, savedUid] = numbersAfter(LINE.uids, status);
			const [parent] = numbersAfter(LINE.parent, status);
			const [gid] = numbersAfter(LINE.gids, status);
			if (realUid === undefined || effectiveUid === undefined || savedUid === undefined) {
				return undefined;
			}
			if (parent === undefined || gid === undefined) {
				return undefined;
			}
			return {
				pid,
				parent,
				realUid,
				effectiveUid,
				savedUid,
				groups: [gid, ...numbersAfter(LINE.groups, status)],
				executable: {
					path,
					deleted,
					inPlace: !deleted || sameMount(`${folder}/exe`, `${folder}/root${dirname(path)}`),
					...fileFacts(file),
				},
				userNamespace: readlinkSync(`${folder}/ns/user`),
				netNamespace: readlinkSync(`${folder}/ns/net`),
				// Of most it is of no interest.
				get commandLine() {
					return commandLineIn(folder, pid);
				},
			};
		});
	}

	socketsOf(pid: number): Map<number, Descriptor> {
		const sockets = new Map<number, Descriptor>();
		let descriptors = 0;
		whileAlive(pid, () => {
			for (const descriptor of descriptorsIn(`${this.#root}/${pid}`)) {
				if (descriptor.inode !== undefined) {
					sockets.set(descriptor.inode, descriptor);
				}
				if (++descriptors === MAX_DESCRIPTORS) {
					break;
				}
			}
		});
		return sockets;
	}

	hasStill(pid: number, socket: Descriptor): boolean {
		return whileAlive(pid, () => isStill(socket)) ?? false;
	}

	file(path: string): Executable | undefined {
		try {
			return { path, deleted: false, inPlace: true, ...fileFacts(statSync(path, { bigint: true })) };
		} catch {
			return undefined;
		}
	}
}

/** None where it cannot be read: then it names no script. */
function commandLineIn(folder: string, pid: number): string[] {
	try {
		const read = () => readFileSync(`${folder}/cmdline`, "utf8").split("\0").slice(0, -1);
		return whileAlive(pid, read) ?? [];
	} catch (error) {
		if (error instanceof UnreadableProcess) {
			return [];
		}
		throw error;
	}
}

function fileFacts({ dev, ino, nlink, uid, mode }: BigIntStats) {
	return { device: dev, inode: ino, links: Number(nlink), ownerUid: Number(uid), mode: Number(mode) };
}

function sameMount(file: string, folder: string): boolean {
	const mount = mountOf(file);
	return mount !== undefined && mount === mountOf(folder);
}

/** A mosh-server binds its port first. A process with thousands of descriptors must not delay logins. */
const MAX_DESCRIPTORS = 256;

function whileAlive<T>(pid: number, read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOENT" || code === "ESRCH") {
			return undefined;
		}
		if (isResourceShortage(error)) {
			throw error;
		}
		// Nothing that a process does to prevent its inspection, such as running from a broken file system, may stop the scan.
		throw new UnreadableProcess(`cannot inspect process ${pid}`, { cause: error });
	}
}

/** Undefined for a path longer than the kernel prints: any user can create one, and no trusted path is that long. */
function linkOf(path: string): string | undefined {
	try {
		return readlinkSync(path);
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === "ENAMETOOLONG") {
			return undefined;
		}
		throw error;
	}
}

/** Of /proc/PID/status. Not \s: if the value is empty, that would match the next line. */
const LINE = {
	process: /^Tgid:[ \t]*(.*)$/m,
	parent: /^PPid:[ \t]*(.*)$/m,
	uids: /^Uid:[ \t]*(.*)$/m,
	gids: /^Gid:[ \t]*(.*)$/m,
	groups: /^Groups:[ \t]*(.*)$/m,
} as const;

function numbersAfter(line: RegExp, status: string): number[] {
	const text = line.exec(status)?.[1]?.trim() ?? "";
	return text === "" ? [] : text.split(/\s+/).map(Number);
}
