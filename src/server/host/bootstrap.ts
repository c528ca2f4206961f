/**
 * The shell script between the fork and the user's program. It readies the terminal and the process, stops itself
 * until the server sees a client (the original waits for a line from the terminal instead, which leaves a blank
 * line on the screen), and becomes the program. bash runs it where there is one, because only bash can give a
 * program another argv[0] and close descriptors above 9; elsewhere a login shell is told so by -l.
 */

import { existsSync, readFileSync } from "node:fs";
import { loginName } from "./login.js";

const BASH = "/bin/bash";
const SH = "/bin/sh";

/** How long the message of a program that cannot be run stays before the session ends (seconds). */
const FAILURE_PAUSE_S = 3;

/** `$1` is the core dump limit to restore, `$2` the argv[0] or empty, the rest the program. */
function script(bash: boolean): string {
	const closeable = bash ? '[ "$MOSH_FD" -gt 2 ]' : '[ "$MOSH_FD" -gt 2 ] && [ "$MOSH_FD" -lt 10 ]';
	const pause = `PATH=$PATH:/bin:/usr/bin; sleep ${FAILURE_PAUSE_S}`;
	// Only in its posix mode does bash count blocks of 512 bytes as the launcher's sh does.
	const restore = '[ -z "$1" ] || ulimit -S -c "$1"';
	const prepare = [
		bash ? `set -o posix; ${restore}; set +o posix` : restore,
		// What node-pty's terminal has beyond the kernel's default.
		"stty -ixany -imaxbel -brkint -hupcl eol undef eol2 undef 2>/dev/null",
		// With another session's terminal open here, that session would never be hung up.
		`for MOSH_FD in /proc/$$/fd/*; do MOSH_FD=\${MOSH_FD##*/}; ${closeable} && eval "exec $MOSH_FD>&-"; done`,
		"unset MOSH_FD",
		"MOSH_NAME=$2",
		"shift 2",
		"kill -STOP $$",
		// Said in the words of execvp(3), not of a shell the user did not ask for.
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
	// On one line, so that a shell's complaint does not name a line nobody can look at.
	return [...prepare, ...become].join("; ");
}

export interface Bootstrap {
	readonly file: string;
	readonly args: readonly string[];
}

/**
 * @param coreLimit soft RLIMIT_CORE of the program in the shell's notation, empty to leave it
 * @param bash path of bash, null where there is none
 */
export function bootstrap(
	command: readonly string[],
	loginShell: boolean,
	coreLimit: string,
	bash: string | null = existsSync(BASH) ? BASH : null,
): Bootstrap {
	const name = loginShell ? loginName(command[0] ?? SH) : "";
	const words = ["-c", script(bash !== null), "mosh-server", coreLimit, name, ...command];
	// -p keeps bash from running $BASH_ENV and from taking functions out of the environment.
	return bash === null ? { file: SH, args: words } : { file: bash, args: ["-p", ...words] };
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

/** How soon to look again whether the bootstrap is ready (milliseconds); it takes about 5 from the fork. */
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
