/** Who logs in and what is run for them: user, home, shell, environment (protocol §6.4). */

import { userInfo } from "node:os";
import { basename } from "node:path";
import { recordOf, without, withValue } from "./environment.js";
import type { Environment } from "./locale.js";

export interface Login {
	readonly user: string;
	/** $HOME, else the account's; may not exist. */
	readonly home: string;
	/** The command asked for, or the login shell alone. */
	readonly command: readonly [string, ...string[]];
	readonly loginShell: boolean;
}

interface Account {
	readonly username: string;
	readonly homedir: string;
	readonly shell: string | null;
}

/** @param account the passwd entry, asked only for what the environment does not say */
export function resolveLogin(
	environment: Environment,
	command: readonly string[],
	account: () => Account = passwdEntry,
): Login {
	const { username, homedir, shell } = account();
	const home = environment.HOME ?? homedir;
	const [program, ...rest] = command;
	if (program !== undefined) {
		return { user: username, home, command: [program, ...rest], loginShell: false };
	}
	return {
		user: username,
		home,
		command: [(environment.SHELL ?? shell) || "/bin/sh"],
		loginShell: true,
	};
}

function passwdEntry(): Account {
	try {
		return userInfo();
	} catch {
		// A user id without an entry can still have $HOME and $SHELL.
		return { username: process.env.USER ?? "", homedir: "/", shell: null };
	}
}

/** A login shell is told so by a dash before its name. */
export function loginName(shell: string): string {
	return `-${basename(shell)}`;
}

/** The terminal of ssh, which ends with it; set to the session's own where it was set. */
export const TERMINAL_VARIABLE = "SSH_TTY";
/** sshd's X11DisplayOffset by default: a display below is of the host's own. */
const FORWARDED_DISPLAY = /^[\w.-]*[\w]:(\d+)(\.\d+)?$/;
const FIRST_FORWARDED_DISPLAY = 10;

/**
 * The program's environment, of what ssh's shell gave. COLORTERM is passed on as it came and never made up: the client
 * says how many colours its terminal has, not whether it has true colour.
 */
export function programEnvironment(inherited: readonly string[], colors: number, home: string): string[] {
	let entries = without(inherited, "STY");
	const { DISPLAY = "", SSH_CONNECTION } = recordOf(entries);
	// Such a display ends with ssh, and its number may later be another login's.
	if (SSH_CONNECTION !== undefined && isForwarded(DISPLAY)) entries = without(entries, "DISPLAY");
	entries = withValue(entries, "TERM", colors >= 256 ? "xterm-256color" : "xterm");
	entries = withValue(entries, "NCURSES_NO_UTF8_ACS", "1");
	return withValue(entries, "PWD", home);
}

function isForwarded(display: string): boolean {
	const number = FORWARDED_DISPLAY.exec(display)?.[1];
	return number !== undefined && Number(number) >= FIRST_FORWARDED_DISPLAY;
}
