/** Decides by owner and mode whether root may run or trust a file. */

import { lstatSync, type Stats } from "node:fs";
import { dirname } from "node:path";

/** Permission bits by which others than the owner may change a file. */
export const GROUP_OR_OTHER_WRITABLE = 0o022;

export interface Ownership {
	readonly uid: number;
	/** Permission bits, as in stat(2); the file type in it does not count. */
	readonly mode: number;
}

/** Whether only root can write to it; parent folders are not checked. */
export function onlyRootWrites({ uid, mode }: Ownership): boolean {
	return uid === 0 && (mode & GROUP_OR_OTHER_WRITABLE) === 0;
}

const ANY_EXECUTE = 0o111;

/**
 * Why root must not use the file, as a predicate whose subject is the path; undefined if it is safe. The file and every parent
 * folder must belong to root, with no write permission for others (`runnable`: and the file be executable); then nobody can
 * replace it between this check and its use.
 */
export function unsafeReason(file: string, owner = 0, runnable = true): string | undefined {
	for (const path of [file, ...foldersAbove(file)]) {
		const found = lstatSync(path, { throwIfNoEntry: false });
		const fault =
			found === undefined ? "does not exist" : ownershipFault(found, path === file, owner, runnable);
		if (fault !== undefined) {
			return path === file ? fault : `is below ${path}, which ${fault}`;
		}
	}
	return undefined;
}

function ownershipFault(found: Stats, isFile: boolean, owner: number, runnable: boolean): string | undefined {
	if (found.isSymbolicLink()) {
		return "is a symbolic link";
	}
	if (isFile && !found.isFile()) {
		return "is not a regular file";
	}
	if (found.uid !== owner) {
		return "is not owned by root";
	}
	if ((found.mode & GROUP_OR_OTHER_WRITABLE) !== 0) {
		return "is writable by users other than root";
	}
	if (isFile && runnable && (found.mode & ANY_EXECUTE) === 0) {
		return "is not executable";
	}
	return undefined;
}

/** The parent folders, up to `/`. */
function foldersAbove(path: string): string[] {
	const folder = dirname(path);
	return folder === path ? [] : [folder, ...foldersAbove(folder)];
}
