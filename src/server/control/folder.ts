/**
 * The folder of the control sockets of a user's mosh-servers. Only that user can enter it, which is the credential, since Node
 * cannot read peer credentials. Root can enter it too, but controls the servers anyway.
 */

import { lstatSync, mkdirSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Environment } from "../host/locale.js";

const NAME = "mosh-portguard";
/** `sun_path` of unix(7), without its end. Older versions of Node cut longer paths off without a word. */
const PATH_MAX_BYTES = 107;

const TYPE_AND_MODE = 0o170777;
const FOLDER_OF_ONES_OWN = 0o040700;

/** Where the folder may be, the preferred place first. */
function places(environment: Environment, uid: number): string[] {
	const { XDG_RUNTIME_DIR } = environment;
	const runtime = XDG_RUNTIME_DIR?.startsWith("/") ? [join(XDG_RUNTIME_DIR, NAME)] : [];
	return [...new Set([...runtime, `/run/user/${uid}/${NAME}`, `/tmp/${NAME}-${uid}`])];
}

/** The folder, made if need be; undefined where there is none that others cannot enter. */
export function ownFolder(environment: Environment, uid = ownUid(), all = places): string | undefined {
	return all(environment, uid).find((path) => {
		if (isOthers(dirname(path), uid)) {
			return false;
		}
		try {
			mkdirSync(path, { mode: 0o700 });
		} catch {
			// It is there, or cannot be made.
		}
		return isOwn(path, uid);
	});
}

/** Every folder that the user's servers may have chosen: logins differ in their environment. */
export function existingFolders(environment: Environment, uid = ownUid(), all = places): string[] {
	return all(environment, uid).filter((path) => !isOthers(dirname(path), uid) && isOwn(path, uid));
}

export function socketPath(folder: string, pid: number): string {
	return join(folder, `${pid}.sock`);
}

/** Process ids of the servers that have or had a socket in a folder. */
export function serversIn(folder: string): number[] {
	try {
		return readdirSync(folder).flatMap((name) => {
			const pid = /^(\d+)\.sock$/.exec(name)?.[1];
			return pid === undefined ? [] : [Number(pid)];
		});
	} catch {
		return [];
	}
}

function ownUid(): number {
	return process.geteuid?.() ?? -1;
}

/** A folder and no symbolic link, the user's, with nothing in its mode for others. */
function isOwn(path: string, uid: number): boolean {
	try {
		const { uid: owner, mode } = lstatSync(path);
		const longest = socketPath(path, 2 ** 22);
		return (
			owner === uid &&
			(mode & TYPE_AND_MODE) === FOLDER_OF_ONES_OWN &&
			Buffer.byteLength(longest) <= PATH_MAX_BYTES
		);
	} catch {
		return false;
	}
}

/** Another user, such as the one that root came from by su, could put something else in the place of what is in there. */
function isOthers(parent: string, uid: number): boolean {
	try {
		const { uid: owner } = lstatSync(parent);
		return owner !== uid && owner !== 0;
	} catch {
		return true;
	}
}
