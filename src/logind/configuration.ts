/** Whether logind kills the processes that a user's login leaves behind, from its configuration (logind.conf(5)). */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** In order of precedence: a file hides those of the same name in later folders. */
const ROOTS = ["/etc", "/run", "/usr/local/lib", "/usr/lib"];

/** The files in effect, in the order in which they are read: drop-ins are sorted by name, whatever their folder. */
export function logindFiles(roots: readonly string[] = ROOTS): string[] {
	const folders = roots.map((root) => join(root, "systemd"));
	const main = folders.map((folder) => join(folder, "logind.conf")).find((path) => existsSync(path));
	const dropIns = new Map<string, string>();
	for (const folder of folders) {
		for (const name of namesIn(join(folder, "logind.conf.d"))) {
			if (name.endsWith(".conf") && !dropIns.has(name)) {
				dropIns.set(name, join(folder, "logind.conf.d", name));
			}
		}
	}
	const sorted = [...dropIns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, path]) => path);
	return main === undefined ? sorted : [main, ...sorted];
}

/**
 * @param user called only if the name matters: the lookup may involve a directory service
 * @param texts the contents of the files, in order
 */
export function endsProcessesOf(user: () => string, texts: readonly string[]): boolean {
	let all = false;
	const lists = { KillOnlyUsers: new Set<string>(), KillExcludeUsers: new Set<string>() };
	for (const [key, value] of texts.flatMap(assignments)) {
		if (key === "KillUserProcesses") {
			all = /^(1|y|yes|t|true|on)$/i.test(value);
		} else if (key === "KillOnlyUsers" || key === "KillExcludeUsers") {
			// Assignments accumulate; an empty one resets the list.
			if (value === "") {
				lists[key].clear();
			}
			for (const name of value.split(/\s+/)) {
				if (name !== "") {
					lists[key].add(name);
				}
			}
		}
	}
	const { KillOnlyUsers: only, KillExcludeUsers: excluded } = lists;
	if (!all && only.size === 0) {
		return false;
	}
	const name = user();
	if (excluded.size === 0 ? name === "root" : excluded.has(name)) {
		return false;
	}
	return only.size === 0 || only.has(name);
}

export function readFileOrNothing(path: string): string {
	try {
		return readFileSync(path, "utf8");
	} catch {
		return "";
	}
}

function assignments(text: string): [key: string, value: string][] {
	// Most files have no such line, and every login waits for this.
	if (!/^\s*Kill/m.test(text)) {
		return [];
	}
	let section = "";
	const found: [string, string][] = [];
	for (const line of text.replaceAll("\\\n", " ").split("\n")) {
		section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1] ?? section;
		const [, key, value = ""] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
		if (key !== undefined && section === "Login") {
			found.push([key, value]);
		}
	}
	return found;
}

function namesIn(folder: string): string[] {
	// Most of these folders do not exist, and an exception is slower than a check.
	if (!existsSync(folder)) {
		return [];
	}
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}
