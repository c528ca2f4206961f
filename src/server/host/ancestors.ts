/** The processes that a process was started by. */

import { readFileSync } from "node:fs";

/** More than any real chain: one of a hostile depth is cut. */
const MOST = 100;

/** Its own id and those of its parents, up to the first that is no more. */
export function ancestorsOf(pid: number): number[] {
	const found: number[] = [];
	let next: number | undefined = pid;
	while (next !== undefined && next > 1 && found.length < MOST) {
		found.push(next);
		next = parentOf(next);
	}
	return found;
}

function parentOf(pid: number): number | undefined {
	try {
		// proc_pid_stat(5): the name is in parentheses and may contain some; ppid is the second field after it.
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
	} catch {
		return undefined;
	}
}
