/**
 * Mosh-servers where the service's sandbox lets the guard see nothing (systemd/sandbox.conf): which it can be shown, by a
 * drop-in that `setup` installs, and why not the others. Pure but for the look at a file's owner, which is given.
 */

import { dirname } from "node:path";
import type { Config } from "../config/schema.js";

/** By ProtectHome=. */
export const HOMES = ["/home", "/root", "/run/user"] as const;
/** By InaccessiblePaths=. */
export const INACCESSIBLE = [
	"/etc/shadow",
	"/etc/gshadow",
	"/etc/ssh",
	"/root",
	"/var/lib",
	"/var/log",
	"/var/spool",
	"/srv",
] as const;
/** By PrivateTmp=: everybody may write there, so nothing there is trusted anyway. */
const NEVER = ["/tmp", "/var/tmp"] as const;

export interface HiddenServer {
	readonly path: string;
	/** The folder that the service hides. */
	readonly below: string;
	/** What to show to the guard: the server's own folder. Undefined where it cannot be shown. */
	readonly grant?: string;
	/** Why it cannot be shown: the rest of a sentence that begins with the path. */
	readonly reason?: string;
}

/** What a unit's file can hold as it is, without quoting, specifiers or the colon of a bind. */
const PLAIN = /^[\w./+@=~-]+$/;

/** `unsafe`: undefined where the file and all folders above it are root's alone, else what is wrong with it. */
export function hiddenServers(
	{ servers }: Pick<Config, "servers">,
	unsafe: (path: string, runnable: boolean) => string | undefined,
): HiddenServer[] {
	const executables = servers.executables.map((path) => ({ path, runnable: true }));
	const scripts = servers.scripts.flatMap(({ interpreter, script }) => [
		{ path: interpreter, runnable: true },
		{ path: script, runnable: false },
	]);
	return [...executables, ...scripts].flatMap(({ path, runnable }) => {
		const below = hiddenAt(path);
		if (below === undefined) {
			return [];
		}
		const reason = obstacle(path, below) ?? unsafe(path, runnable);
		if (reason !== undefined) {
			return { path, below, reason };
		}
		const folder = dirname(path);
		// Of a file right below a hidden folder the folder is not shown.
		return { path, below, grant: folder === below ? path : folder };
	});
}

/** The folder that the service hides and that holds `path`. */
export function hiddenAt(path: string): string | undefined {
	return [...HOMES, ...INACCESSIBLE, ...NEVER].find((folder) => path.startsWith(`${folder}/`));
}

function obstacle(path: string, below: string): string | undefined {
	if (path.includes("*")) {
		return "is a pattern: name each path in full to have it shown to the service";
	}
	if ((NEVER as readonly string[]).includes(below)) {
		return "is in a folder where everybody may write";
	}
	if (below === "/root") {
		return "is in the home of root, which the guard's user may not enter";
	}
	if (below.startsWith("/etc/")) {
		return "is in a folder that is never shown to the service";
	}
	if (!PLAIN.test(path)) {
		return "has a character that no unit can name";
	}
	return undefined;
}

/** The drop-in's text; empty when there is nothing to show. What is hidden stays hidden, but for what is granted. */
export function dropIn(servers: readonly HiddenServer[]): string {
	const grants = [...new Set(servers.flatMap(({ grant }) => grant ?? []))].sort();
	if (grants.length === 0) {
		return "";
	}
	const opened = new Set(servers.flatMap(({ grant, below }) => (grant === undefined ? [] : below)));
	const homes = HOMES.some((home) => opened.has(home));
	const shut = INACCESSIBLE.filter((path) => !opened.has(path));
	const emptied = INACCESSIBLE.filter((path) => opened.has(path));
	return [
		"# Made by /usr/lib/mosh-portguard/setup: mosh-servers of the configuration where the service would see nothing.",
		"[Service]",
		...(homes ? ["ProtectHome=tmpfs"] : []),
		"InaccessiblePaths=",
		`InaccessiblePaths=${shut.map((path) => `-${path}`).join(" ")}`,
		...emptied.map((path) => `TemporaryFileSystem=${path}:ro`),
		...grants.map((path) => `BindReadOnlyPaths=-${path}`),
		"",
	].join("\n");
}
