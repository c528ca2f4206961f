/**
 * The last processes that this one has started, to tell their doings in the kernel's notifications from those of others.
 *
 * The kernel numbers processes as the first pid namespace does. In a container that number means nothing: there, a process of
 * another number is taken for ours if it has the name of a command that is at work, or was just now, and has not been seen yet.
 */

import { readlinkSync } from "node:fs";

/** Notifications of what a command changed arrive within milliseconds of its end, so remembering a few is enough. */
const REMEMBERED = 64;
/** The same in time (ms), for names, which others have too. */
const AFTER_END_MS = 1000;
/** How much of its name the kernel keeps of a process. */
const COMM_LENGTH = 15;
/** The first pid namespace: PROC_PID_INIT_INO in linux/proc_ns.h. */
const FIRST_NAMESPACE = `pid:[${0xeffffffc}]`;

interface Expected {
	readonly name: string;
	endedAt: number | undefined;
}

export class OwnProcesses {
	readonly #numbered: boolean;
	readonly #pids = new Set<number>();
	#expected: Expected[] = [];
	/** What was decided on a process of another numbering: it may be asked about more than once. */
	readonly #decided = new Map<number, boolean>();

	/** @param numbered whether the kernel numbers processes as we do */
	constructor(numbered = isFirstNamespace()) {
		this.#numbered = numbered;
	}

	/**
	 * @param file the command's path
	 * @param changes whether it may change what notifications are about
	 * @returns to be called at its end
	 */
	add(pid: number | undefined, file: string, changes: boolean): () => void {
		if (pid !== undefined) {
			keep(this.#pids, pid);
		}
		if (this.#numbered || !changes) {
			return () => undefined;
		}
		const one: Expected = {
			name: file.slice(file.lastIndexOf("/") + 1).slice(0, COMM_LENGTH),
			endedAt: undefined,
		};
		this.#expected = [...this.#expected.slice(1 - REMEMBERED), one];
		return () => {
			one.endedAt = performance.now();
		};
	}

	/** Whether the process of this number and name, as the kernel has them, is one of ours. */
	includes(pid: number, name: string): boolean {
		if (this.#numbered) {
			return this.#pids.has(pid);
		}
		const known = this.#decided.get(pid);
		if (known !== undefined) {
			return known;
		}
		const now = performance.now();
		this.#expected = this.#expected.filter(({ endedAt = now }) => now - endedAt < AFTER_END_MS);
		const index = this.#expected.findIndex((one) => one.name === name);
		if (index >= 0) {
			this.#expected.splice(index, 1);
		}
		this.#decided.set(pid, index >= 0);
		forgetOldest(this.#decided);
		return index >= 0;
	}
}

function keep(pids: Set<number>, pid: number): void {
	// A number that comes again is the newest.
	pids.delete(pid);
	pids.add(pid);
	forgetOldest(pids);
}

function forgetOldest(known: Set<number> | Map<number, boolean>): void {
	const [oldest] = known.keys();
	if (known.size > REMEMBERED && oldest !== undefined) {
		known.delete(oldest);
	}
}

/** Whether the kernel numbers processes as we do. */
export function isFirstNamespace(): boolean {
	try {
		return readlinkSync("/proc/self/ns/pid") === FIRST_NAMESPACE;
	} catch {
		return true;
	}
}
