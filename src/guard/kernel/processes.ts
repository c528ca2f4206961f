/** Facts about running processes, from /proc. Reading other users' needs CAP_SYS_PTRACE. */

import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";

/** The file a process runs, as the kernel holds it: still the right one after it was renamed or unlinked. */
export interface Executable {
	/** Without the kernel's " (deleted)". */
	readonly path: string;
	/** Unlinked since the process started, as after a package upgrade. */
	readonly deleted: boolean;
	readonly device: number;
	readonly inode: number;
	readonly ownerUid: number;
	/** Permission bits and file type, as in stat(2). */
	readonly mode: number;
}

export interface ProcessFacts {
	readonly pid: number;
	readonly parent: number;
	/** Clock ticks after boot. (pid, startTime) is never used twice. */
	readonly startTime: string;
	readonly realUid: number;
	readonly effectiveUid: number;
	readonly savedUid: number;
	/** Primary and supplementary: the kernel's own word on membership, which its owner cannot shed without privilege. */
	readonly groups: readonly number[];
	readonly executable: Executable;
	readonly userNamespace: string;
	readonly netNamespace: string;
	/** Forgeable by the process. */
	readonly commandLine: readonly string[];
}

/** A process that ended meanwhile reads as undefined; one that may not be read throws `UnreadableProcess`. */
export interface ProcessTable {
	pids(): readonly number[];
	/** The path of the executable without " (deleted)": the cheap first question. */
	executablePath(pid: number): string | undefined;
	describe(pid: number): ProcessFacts | undefined;
	/** Who owns a process, readable or not. */
	owner(pid: number): number | undefined;
	/** Inodes of the sockets the process has open. */
	socketInodes(pid: number): readonly number[];
	/** Owner, mode, device and inode of a file by path, as the guard sees it. */
	file(path: string): Executable | undefined;
}

export class UnreadableProcess extends Error {
	readonly code = "process-unreadable";
}

const DELETED = " (deleted)";

export class KernelProcessTable implements ProcessTable {
	readonly #root: string;

	constructor(root = "/proc") {
		this.#root = root;
	}

	pids(): number[] {
		return (
			readdirSync(this.#root)
				// Process 1 is never a mosh-server, and in a container not even root may look into it.
				.filter((name) => /^[1-9]\d*$/.test(name) && name !== "1")
				.map(Number)
		);
	}

	executablePath(pid: number): string | undefined {
		return whileAlive(pid, () => readlinkSync(`${this.#root}/${pid}/exe`).replace(/ \(deleted\)$/, ""));
	}

	owner(pid: number): number | undefined {
		return statSync(`${this.#root}/${pid}`, { throwIfNoEntry: false })?.uid;
	}

	describe(pid: number): ProcessFacts | undefined {
		return whileAlive(pid, () => {
			const folder = `${this.#root}/${pid}`;
			const link = readlinkSync(`${folder}/exe`);
			// Follows the kernel's own reference to the file, not the path.
			const file = statSync(`${folder}/exe`);
			// As UTF-8, which Node reads in one call: a name in it may be anything, but nothing here depends on names.
			const status = readFileSync(`${folder}/status`, "utf8");
			const [realUid, effectiveUid, savedUid] = numbersAfter(status, "Uid");
			const [parent] = numbersAfter(status, "PPid");
			const [gid] = numbersAfter(status, "Gid");
			if (realUid === undefined || effectiveUid === undefined || savedUid === undefined) return undefined;
			if (parent === undefined || gid === undefined) return undefined;
			return {
				pid,
				parent,
				startTime: startTimeOf(readFileSync(`${folder}/stat`, "utf8")),
				realUid,
				effectiveUid,
				savedUid,
				groups: [gid, ...numbersAfter(status, "Groups")],
				executable: {
					path: link.endsWith(DELETED) ? link.slice(0, -DELETED.length) : link,
					deleted: link.endsWith(DELETED),
					...fileFacts(file),
				},
				userNamespace: readlinkSync(`${folder}/ns/user`),
				netNamespace: readlinkSync(`${folder}/ns/net`),
				commandLine: readFileSync(`${folder}/cmdline`, "utf8").split("\0").slice(0, -1),
			};
		});
	}

	socketInodes(pid: number): number[] {
		const folder = `${this.#root}/${pid}/fd`;
		const names = whileAlive(pid, () => readdirSync(folder)) ?? [];
		return names.flatMap((name) => {
			const link = whileAlive(pid, () => readlinkSync(`${folder}/${name}`));
			const inode = link === undefined ? null : /^socket:\[(\d+)\]$/.exec(link);
			return inode === null ? [] : [Number(inode[1])];
		});
	}

	file(path: string): Executable | undefined {
		try {
			return { path, deleted: false, ...fileFacts(statSync(path)) };
		} catch {
			return undefined;
		}
	}
}

function fileFacts(stat: { dev: number; ino: number; uid: number; mode: number }) {
	return { device: stat.dev, inode: stat.ino, ownerUid: stat.uid, mode: stat.mode };
}

function whileAlive<T>(pid: number, read: () => T): T | undefined {
	try {
		return read();
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ENOENT" || code === "ESRCH") return undefined;
		if (code === "EACCES" || code === "EPERM") {
			throw new UnreadableProcess(`cannot look at process ${pid}`, { cause: error });
		}
		throw error;
	}
}

function numbersAfter(status: string, key: string): number[] {
	const line = new RegExp(`^${key}:\\s*(.*)$`, "m").exec(status)?.[1] ?? "";
	return line.split(/\s+/).filter(Boolean).map(Number);
}

/** Field 22 of /proc/PID/stat. The name in field 2 may hold spaces and parentheses, so count from its end. */
function startTimeOf(stat: string): string {
	const afterName = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
	return afterName[19] ?? "";
}
