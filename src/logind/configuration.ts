/** Whether logind ends what a user's login leaves behind: its configuration, as logind.conf(5) has it read. */

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The earlier one's file hides the later one's of the same name. */
const ROOTS = ["/etc", "/run", "/usr/local/lib", "/usr/lib"];

/** The files that count, in the order in which they do: drop-ins by their names, wherever they are. */
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
 * @param user asked for only if it matters: to find out may take a directory service
 * @param texts the files' contents, in their order
 */
export function endsProcessesOf(user: () => string, texts: readonly string[]): boolean {
	let all = false;
	const lists = { KillOnlyUsers: new Set<string>(), KillExcludeUsers: new Set<string>() };
	for (const [key, value] of texts.flatMap(assignments)) {
		if (key === "KillUserProcesses") {
			all = /^(1|y|yes|t|true|on)$/i.test(value);
		} else if (key === "KillOnlyUsers" || key === "KillExcludeUsers") {
			// Assignments add up, an empty one starts over.
			if (value === "") lists[key].clear();
			for (const name of value.split(/\s+/)) if (name !== "") lists[key].add(name);
		}
	}
	const { KillOnlyUsers: only, KillExcludeUsers: excluded } = lists;
	if (!all && only.size === 0) return false;
	const name = user();
	if (excluded.size === 0 ? name === "root" : excluded.has(name)) return false;
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
	// The usual file says nothing of it, and every login waits.
	if (!/^\s*Kill/m.test(text)) return [];
	let section = "";
	const found: [string, string][] = [];
	for (const line of text.replaceAll("\\\n", " ").split("\n")) {
		section = /^\s*\[(.*)\]\s*$/.exec(line)?.[1] ?? section;
		const [, key, value = ""] = /^\s*(\w+)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
		if (key !== undefined && section === "Login") found.push([key, value]);
	}
	return found;
}

function namesIn(folder: string): string[] {
	// Most of these folders do not exist, and an error takes longer than a look.
	if (!existsSync(folder)) return [];
	try {
		return readdirSync(folder);
	} catch {
		return [];
	}
}
