/** Why a test cannot run here, in the form node:test's `skip` option takes: a reason, or false. */

import { accessSync, constants, statSync } from "node:fs";
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

const GROUP_OR_OTHER_WRITABLE = 0o022;

/** For a mosh-server of ours that a guard shall open a port for. */
export function needsRootsNode(): string | false {
	const { uid, mode } = statSync(process.execPath);
	const isRoots = uid === 0 && (mode & GROUP_OR_OTHER_WRITABLE) === 0;
	return !isRoots && "needs a node owned by root: the guard trusts no other";
}

function isExecutable(path: string): boolean {
	try {
		accessSync(path, constants.X_OK);
		return true;
	} catch {
		return false;
	}
}
