/**
 * From the fork to the user's program: the helper `boundary` (native/boundary.c) readies the terminal and the process, stops
 * itself until the server sees a client (the original waits for a line from the terminal instead, which leaves a blank line
 * on the screen), and becomes the program. No shell does it, because a shell alters the environment it passes on.
 */

import { readFileSync } from "node:fs";
import { percentEncoded } from "./byte-text.js";
import type { SignalSets } from "./caller.js";
import { loginName } from "./login.js";

/** The kernel takes 128 KiB for one argument; a character has up to 3 bytes. */
const PART_CHARACTERS = 40_000;

/** Texts are those of byte-text.ts. */
export interface SessionProgram {
	readonly command: readonly [string, ...string[]];
	readonly loginShell: boolean;
	/** The whole environment, in order. */
	readonly entries: readonly string[];
	/** Becomes an entry whose value is the path of the session's terminal; undefined for none. */
	readonly terminalVariable?: string | undefined;
	/** Working directory; empty keeps the server's. */
	readonly directory: string;
	/** Soft limits as `boundary` gave them to the server; empty changes nothing. */
	readonly limits: string;
	readonly signals: SignalSets;
}

/** The helper's own arguments. Its environment is to be empty. */
export function bootstrapWords(program: SessionProgram): string[] {
	const { command, loginShell, entries, directory, limits, signals } = program;
	const isOfTerminal = (entry: string): boolean =>
		program.terminalVariable !== undefined && entry.startsWith(`${program.terminalVariable}=`);
	return [
		...["program", limits, signals.ignored, signals.blocked],
		...(loginShell ? word("n", loginName(command[0])) : []),
		...(directory === "" ? [] : word("d", directory)),
		...command.flatMap((argument) => word("a", argument)),
		...entries.flatMap((entry) =>
			isOfTerminal(entry) ? word("t", `${program.terminalVariable}=`) : word("e", entry),
		),
	];
}

/** `kind` is explained in native/boundary.c. */
function word(kind: string, text: string): string[] {
	const characters = percentEncoded(text);
	if (characters.length <= PART_CHARACTERS) return [kind + characters];
	const parts: string[] = [];
	for (let from = 0, to: number; from < characters.length; from = to) {
		to = from + PART_CHARACTERS;
		// Neither a pair of surrogates nor an escape is cut in two.
		if (/[\ud800-\udbff]/.test(characters.charAt(to - 1))) to--;
		const percent = characters.slice(to - 2, to).indexOf("%");
		if (percent >= 0) to = to - 2 + percent;
		parts.push((from === 0 ? kind : "+") + characters.slice(from, to));
	}
	return parts;
}

/** True when the bootstrap has stopped itself, false while it is on its way, undefined when it is gone. */
function isStopped(pid: number): boolean | undefined {
	try {
		// The state follows the command name, which is in parentheses and may itself contain some.
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		const state = stat.charAt(stat.lastIndexOf(")") + 2);
		return state === "Z" || state === "X" ? undefined : state === "T";
	} catch {
		return undefined;
	}
}

/** How soon to look again whether the bootstrap is ready (milliseconds); it takes about 1 from the fork. */
const READY_POLL_MS = 1;

/** Lets the program start, as soon as the bootstrap has come to its stop. */
export function release(pid: number): void {
	const stopped = isStopped(pid);
	if (stopped === true) {
		process.kill(pid, "SIGCONT");
	} else if (stopped === false) {
		setTimeout(release, READY_POLL_MS, pid);
	}
}
