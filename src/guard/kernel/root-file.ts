/** May root run this file? Only if nobody else could have put it there or changed it. */

import { lstatSync, type Stats } from "node:fs";
import { dirname } from "node:path";
import { GROUP_OR_OTHER_WRITABLE } from "./ownership.js";

const ANY_EXECUTE = 0o111;

/**
 * Undefined when it is safe, else the rest of a sentence that begins with the path. The file and every folder above it must
 * be root's alone; then nobody can exchange it between this look and its start.
 */
export function whyUnsafe(file: string, owner = 0): string | undefined {
	for (const path of [file, ...foldersAbove(file)]) {
		const found = lstatSync(path, { throwIfNoEntry: false });
		const fault = found === undefined ? "does not exist" : faultOf(found, path === file, owner);
		if (fault !== undefined) return path === file ? fault : `is below ${path}, which ${fault}`;
	}
	return undefined;
}

function faultOf(found: Stats, isFile: boolean, owner: number): string | undefined {
	if (found.isSymbolicLink()) return "is a symbolic link";
	if (isFile && !found.isFile()) return "is not a regular file";
	if (found.uid !== owner) return "is not owned by root";
	if ((found.mode & GROUP_OR_OTHER_WRITABLE) !== 0) return "is writable by users other than root";
	if (isFile && (found.mode & ANY_EXECUTE) === 0) return "is not executable";
	return undefined;
}

/** From the nearest to `/`. */
function foldersAbove(path: string): string[] {
	const folder = dirname(path);
	return folder === path ? [] : [folder, ...foldersAbove(folder)];
}
