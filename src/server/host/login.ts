/** The user of the session and what runs in it: home directory, shell, environment (protocol §6.4). */

import { readFileSync } from "node:fs";
import { userInfo } from "node:os";
import { basename } from "node:path";
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

/**
 * The environment that process `pid` was started with. The launcher's is the one that ssh provides; the server's own has
 * passed through a shell, and dash drops names that are not valid variables, such as bash's exported functions.
 */
export function environmentOf(pid: string): Environment {
	try {
		const entries = readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
		const pairs = entries.map((entry) => entry.split(/=(.*)/s, 2)).filter(([name]) => name !== "");
		return Object.fromEntries(pairs.map(([name, value]) => [name, value ?? ""]));
	} catch {
		return process.env;
	}
}

/** The argv[0] of a login shell: its name after a dash. */
export function loginName(shell: string): string {
	return `-${basename(shell)}`;
}

/**
 * The program's environment as `NAME=VALUE`. COLORTERM is passed on but never set: the client reports how many colours
 * its terminal has, not whether it has true colour.
 */
export function programEnvironment(environment: Environment, colors: number, home: string): string[] {
	const { STY: _, ...kept } = environment;
	const set: Environment = {
		...kept,
		TERM: colors === 256 ? "xterm-256color" : "xterm",
		NCURSES_NO_UTF8_ACS: "1",
		PWD: home,
	};
	return Object.entries(set).map(([name, value]) => `${name}=${value ?? ""}`);
}
