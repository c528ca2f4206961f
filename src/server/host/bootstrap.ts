/**
 * What runs between the fork and the user's program: the helper `boundary` (native/boundary.c). It sets up the terminal and
 * the process, stops itself until the server has a client (the stock server waits for a line from the terminal instead, which
 * leaves a blank line on the screen), and becomes the program. A shell would alter the environment that it passes on.
 */

import { readFileSync } from "node:fs";
import { percentEncoded } from "./byte-text.js";
import type { SignalSets } from "./caller.js";
import { loginName } from "./login.js";

/** Longest part of a word (UTF-16 code units): the kernel accepts 128 KiB at once, and a code unit has up to 3 bytes. */
const PART_CHARACTERS = 40_000;

/** Strings are in the form of byte-text.ts. */
export interface SessionProgram {
	readonly command: readonly [string, ...string[]];
	readonly loginShell: boolean;
	/** The whole environment in its order. */
	readonly entries: readonly string[];
	/** Name of a variable that, where the environment has it, is set to the path of the session's terminal. */
	readonly terminalVariable?: string | undefined;
	/** Working directory; empty: the server's. */
	readonly directory: string;
	/** Soft limits as `boundary` listed them for the server; empty: the server's. */
	readonly limits: string;
	readonly signals: SignalSets;
}

export interface Bootstrap {
	readonly args: readonly string[];
	readonly environment: readonly string[];
	/** Empty: the helper changes to the program's directory, whose name need not be UTF-8. */
	readonly directory: "";
}

/** How the helper is started. The program is described in its environment, since every user can read its arguments. */
export function bootstrap(program: SessionProgram): Bootstrap {
	const { limits, signals } = program;
	return {
		args: ["program", limits, signals.ignored, signals.blocked],
		environment: words(program),
		directory: "",
	};
}

/** The words that native/boundary.c explains. */
function words(program: SessionProgram): string[] {
	const { command, loginShell, entries, directory } = program;
	const isOfTerminal = (entry: string): boolean =>
		program.terminalVariable !== undefined && entry.startsWith(`${program.terminalVariable}=`);
	const parts = [
		...(loginShell ? word("n", loginName(command[0])) : []),
		...(directory === "" ? [] : word("d", directory)),
		...command.flatMap((argument) => word("a", argument)),
		...entries.flatMap((entry) =>
			isOfTerminal(entry) ? word("t", `${program.terminalVariable}=`) : word("e", entry),
		),
	];
	return parts.map((part, number) => `${number}${part.charAt(0)}=${part.slice(1)}`);
}

/** One word, in as many parts as its length requires. */
function word(kind: string, text: string): string[] {
	const characters = percentEncoded(text);
	if (characters.length <= PART_CHARACTERS) {
		return [kind + characters];
	}
	const parts: string[] = [];
	for (let from = 0, to: number; from < characters.length; from = to) {
		to = from + PART_CHARACTERS;
		// Neither a surrogate pair nor an escape is divided.
		if (/[\ud800-\udbff]/.test(characters.charAt(to - 1))) {
			to--;
		}
		const percent = characters.slice(to - 2, to).indexOf("%");
		if (percent >= 0) {
			to = to - 2 + percent;
		}
		parts.push((from === 0 ? kind : "+") + characters.slice(from, to));
	}
	return parts;
}

/** Whether the bootstrap has stopped itself; undefined if it no longer exists. */
function isStopped(pid: number): boolean | undefined {
	try {
		// The state follows the command name, which is in parentheses and may contain parentheses itself.
		const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
		const state = stat.charAt(stat.lastIndexOf(")") + 2);
		return state === "Z" || state === "X" ? undefined : state === "T";
	} catch {
		return undefined;
	}
}

/** How often (ms) to check whether the bootstrap is ready; it takes about 1 ms from the fork. */
const READY_POLL_MS = 1;

/** Lets the program start as soon as the bootstrap has stopped itself. */
export function release(pid: number): void {
	const stopped = isStopped(pid);
	if (stopped === true) {
		process.kill(pid, "SIGCONT");
	} else if (stopped === false) {
		setTimeout(release, READY_POLL_MS, pid);
	}
}
