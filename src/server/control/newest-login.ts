/**
 * Keeps the environment of the user's newest login by `new` or `attach` for older sessions, and a link to its ssh agent whose path
 * does not change.
 */

import { existsSync, readFileSync, readlinkSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Environment } from "../host/locale.js";

const ENVIRONMENT = "login.json";
const AGENT = "agent.sock";

/** What differs between logins to the same account, and matters to programs that run already. */
const VARIABLES = [
	...["DISPLAY", "XAUTHORITY", "WAYLAND_DISPLAY", "SSH_CONNECTION", "SSH_CLIENT", "SSH_AUTH_SOCK"],
	...["KRB5CCNAME", "COLORTERM", "MOSH_PORTGUARD_EXTENSIONS", "LC_MOSH_EXTENSIONS"],
] as const;

/** The path that stays. */
export function agentLink(folder: string): string {
	return join(folder, AGENT);
}

/** Notes this login as the newest. Best effort: no login fails for it. */
export function noteLogin(folder: string, environment: Environment): void {
	const values = Object.fromEntries(VARIABLES.map((name) => [name, environment[name]]));
	replace(join(folder, ENVIRONMENT), (path) => writeFileSync(path, JSON.stringify(values), { mode: 0o600 }));
	const { SSH_AUTH_SOCK } = environment;
	// A session's shell may have the link itself, from which `new` or `attach` may be called.
	if (SSH_AUTH_SOCK?.startsWith("/") && SSH_AUTH_SOCK !== agentLink(folder)) {
		replace(agentLink(folder), (path) => symlinkSync(SSH_AUTH_SOCK, path));
	}
}

/** Commands for a shell's `eval` that set and unset the variables as the newest login had them; undefined if none is known. */
export function newestEnvironment(folders: readonly string[]): string | undefined {
	for (const folder of folders) {
		try {
			const values: unknown = JSON.parse(readFileSync(join(folder, ENVIRONMENT), "utf8"));
			return commandsFor({ ...(values as Environment), SSH_AUTH_SOCK: livingAgent(folder) });
		} catch {
			// The next.
		}
	}
	return undefined;
}

function commandsFor(values: Environment): string {
	return VARIABLES.map((name) => {
		const value: unknown = values[name];
		return typeof value === "string" ? `export ${name}=${quoted(value)};\n` : `unset ${name};\n`;
	}).join("");
}

/** The link, while the agent's socket that it points at exists. */
function livingAgent(folder: string): string | undefined {
	const link = agentLink(folder);
	try {
		return existsSync(readlinkSync(link)) ? link : undefined;
	} catch {
		return undefined;
	}
}

/** For sh. */
function quoted(value: string): string {
	return `'${value.replaceAll("'", "'\\''")}'`;
}

/** At once for those who read it. */
function replace(path: string, make: (path: string) => void): void {
	const beside = `${path}.${process.pid}`;
	try {
		make(beside);
		renameSync(beside, path);
	} catch {
		// Without it the older one stays.
	}
}
