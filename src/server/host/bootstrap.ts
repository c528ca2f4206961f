/**
 * The shell script between the fork and the user's program. It sets up the terminal and the process, stops itself until
 * the server has a client (the stock server waits for a line from the terminal instead, which leaves a blank line on the
 * screen), and executes the program. It is run by bash where installed, because only bash can set argv[0] and close
 * descriptors above 9; elsewhere a login shell is started with -l.
 */

import { existsSync, readFileSync } from "node:fs";
import { loginName } from "./login.js";

const BASH = "/bin/bash";
const SH = "/bin/sh";

/** How long (s) the message that a program cannot be run stays on the screen before the session ends. */
const FAILURE_PAUSE_S = 3;

/** `$1` is the core dump limit to restore, `$2` the argv[0] or empty, the rest is the program and its arguments. */
function script(bash: boolean): string {
	const closeable = bash ? '[ "$MOSH_FD" -gt 2 ]' : '[ "$MOSH_FD" -gt 2 ] && [ "$MOSH_FD" -lt 10 ]';
	const pause = `PATH=$PATH:/bin:/usr/bin; sleep ${FAILURE_PAUSE_S}`;
	// bash counts blocks of 512 bytes, as the launcher's sh does, only in posix mode.
	const restore = '[ -z "$1" ] || ulimit -S -c "$1"';
	const prepare = [
		bash ? `set -o posix; ${restore}; set +o posix` : restore,
		// Undoes the settings that node-pty adds to the kernel's defaults.
		"stty -ixany -imaxbel -brkint -hupcl eol undef eol2 undef 2>/dev/null",
		// A session whose terminal is open here as well would never be hung up.
		`for MOSH_FD in /proc/$$/fd/*; do MOSH_FD=\${MOSH_FD##*/}; ${closeable} && eval "exec $MOSH_FD>&-"; done`,
		"unset MOSH_FD",
		"MOSH_NAME=$2",
		"shift 2",
		"kill -STOP $$",
		// In the words of execvp(3), not those of a shell that the user did not ask for.
		`if ! ${bash ? "type -P" : "command -v"} -- "$1" >/dev/null; then if [ -e "$1" ]; then MOSH_WHY="Permission denied"; ` +
			`else MOSH_WHY="No such file or directory"; fi; echo "mosh-server: $1: $MOSH_WHY" >&2; ${pause}; exit 127; fi`,
	];
	const become = bash
		? [
				"shopt -s execfail",
				'if [ -z "$MOSH_NAME" ]; then exec "$@"; else exec -a "$MOSH_NAME" "$@"; fi',
				pause,
			]
		: [`trap '${pause}' EXIT`, '[ -z "$MOSH_NAME" ] || exec "$@" -l', 'exec "$@"'];
	// On one line, so that a shell's error message names no line of a script that the user cannot see.
	return [...prepare, ...become].join("; ");
}

export interface Bootstrap {
	readonly file: string;
	readonly args: readonly string[];
}

/**
 * @param coreLimit soft RLIMIT_CORE of the program as `ulimit -c` prints it; empty: leave it
 * @param bash path of bash; null where it is not installed
 */
export function bootstrap(
	command: readonly string[],
	loginShell: boolean,
	coreLimit: string,
	bash: string | null = existsSync(BASH) ? BASH : null,
): Bootstrap {
	const name = loginShell ? loginName(command[0] ?? SH) : "";
	const words = ["-c", script(bash !== null), "mosh-server", coreLimit, name, ...command];
	// -p keeps bash from running $BASH_ENV and from importing functions from the environment.
	return bash === null ? { file: SH, args: words } : { file: bash, args: ["-p", ...words] };
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

/** How often (ms) to check whether the bootstrap is ready; it takes about 5 ms from the fork. */
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
