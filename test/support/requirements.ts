/** Why a test cannot run here, in the form node:test's `skip` option takes: a reason, or false. */

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** sbin is where sshd lives, and it is often missing from an ordinary user's PATH. */
const searchPath = [...(process.env.PATH ?? "").split(delimiter), "/usr/sbin", "/sbin"];

export function findTool(name: string): string | undefined {
	return searchPath.map((folder) => join(folder, name)).find(isExecutable);
}

/** Reason naming every missing program, or false when all are there. */
export function needsTools(...names: string[]): string | false {
	const missing = names.filter((name) => findTool(name) === undefined);
	return missing.length > 0 && `not installed: ${missing.join(", ")}`;
}

export function needsRoot(): string | false {
	return process.getuid?.() !== 0 && "needs root";
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
