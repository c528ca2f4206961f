/** Which program is in the foreground of a session's terminal. */

import { readFileSync } from "node:fs";

/** Its short name, as the kernel has it; undefined if there is none (any more). @param pid a process of the session */
export function foregroundProgram(pid: number): string | undefined {
	try {
		// proc_pid_stat(5): the name is in parentheses and may contain some; tpgid is the sixth field after it.
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		const group = stat.slice(stat.lastIndexOf(")") + 2).split(" ")[5];
		return readFileSync(`/proc/${group}/comm`, "utf8").trim();
	} catch {
		return undefined;
	}
}
