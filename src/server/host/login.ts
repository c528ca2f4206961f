/** The user of the session and what runs in it: home directory, shell, environment (protocol §6.4). */

import { userInfo } from "node:os";
import { basename } from "node:path";
import { recordOf, without, withValue } from "./environment.js";
import type { Environment } from "./locale.js";

export interface Login {
	readonly user: string;
	/** $HOME, else the account's; may not exist. */
	readonly home: string;
	/** The requested command, or the login shell alone. */
	readonly command: readonly [string, ...string[]];
	readonly loginShell: boolean;
}

interface Account {
	readonly username: string;
	readonly homedir: string;
	readonly shell: string | null;
}

/** @param account the passwd entry, used for what the environment does not specify */
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
		// A user without an entry may still have $HOME and $SHELL.
		return { username: process.env.USER ?? "", homedir: "/", shell: null };
	}
}

/** The argv[0] of a login shell: its name after a dash. */
export function loginName(shell: string): string {
	return `-${basename(shell)}`;
}

/** Names ssh's terminal, which is closed when ssh ends; where it is set, it is set to the session's terminal instead. */
export const TERMINAL_VARIABLE = "SSH_TTY";
const FORWARDED_DISPLAY = /^[\w.-]*[\w]:(\d+)(\.\d+)?$/;
/** The default of sshd's X11DisplayOffset: lower numbers are the host's own displays. */
const FIRST_FORWARDED_DISPLAY = 10;

/**
 * The program's environment as `NAME=VALUE`, made from what ssh's shell provided. COLORTERM is passed on but never set: the
 * client reports how many colours its terminal has, not whether it has true colour.
 */
export function programEnvironment(inherited: readonly string[], colors: number, home: string): string[] {
	let entries = without(inherited, "STY");
	const { DISPLAY = "", SSH_CONNECTION } = recordOf(entries);
	// A forwarded display ends with ssh, and its number may be assigned to another login later.
	if (SSH_CONNECTION !== undefined && isForwarded(DISPLAY)) {
		entries = without(entries, "DISPLAY");
	}
	entries = withValue(entries, "TERM", colors >= 256 ? "xterm-256color" : "xterm");
	entries = withValue(entries, "NCURSES_NO_UTF8_ACS", "1");
	return withValue(entries, "PWD", home);
}

function isForwarded(display: string): boolean {
	const number = FORWARDED_DISPLAY.exec(display)?.[1];
	return number !== undefined && Number(number) >= FIRST_FORWARDED_DISPLAY;
}
