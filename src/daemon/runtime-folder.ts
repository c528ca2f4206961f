/**
 * Prepares /run/mosh-portguard, the folder of the sockets and the lock. Only its owner, the user of the service, may write to it;
 * everybody may traverse it. Commands that run as root use it as it is and follow no link in it.
 */

import {
	chmodSync,
	closeSync,
	constants,
	lchownSync,
	lstatSync,
	mkdirSync,
	openSync,
	writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { GuardError } from "../guard-protocol/errors.js";
import { messageOf } from "../system/errors.js";
import { onlyRootWrites } from "../system/ownership.js";

export const RUNTIME_FOLDER = "/run/mosh-portguard";

const MODE = 0o755;

/**
 * Creates the folder if it is missing. Root accepts any owner if the parent folder belongs to root, who must then have chosen that
 * owner.
 * @throws GuardError `unsafe-folder` if the folder is a link, belongs to another user, or cannot be created
 */
export function prepareRuntimeFolder(folder = RUNTIME_FOLDER, owner = process.geteuid?.() ?? 0): void {
	try {
		mkdirSync(folder, { mode: MODE });
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== "EEXIST") {
			throw new GuardError("unsafe-folder", `cannot create ${folder}: ${messageOf(cause)}`, { cause });
		}
	}
	const found = lstatSync(folder);
	const isAcceptedByRoot = owner === 0 && onlyRootWrites(lstatSync(dirname(folder)));
	if (!found.isDirectory() || (found.uid !== owner && !isAcceptedByRoot)) {
		throw new GuardError("unsafe-folder", `${folder} must be a folder owned by uid ${owner}`);
	}
	// The umask may have removed permissions, or somebody may have added some.
	if (found.uid === owner) {
		chmodSync(folder, MODE);
	}
}

/**
 * For a guard that runs as root on a host where the service has run as its own user: that user could replace what root creates in
 * the folder by a link. Only under the lock. systemd changes the owner back when the service starts.
 */
export function claimRuntimeFolder(folder = RUNTIME_FOLDER, own = process.geteuid?.() ?? 0): void {
	if (own === 0 && lstatSync(folder).uid !== 0) {
		lchownSync(folder, 0, 0);
	}
}

/** Writes a file, never through a link. */
export function put(path: string, text = ""): void {
	const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
	const descriptor = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644);
	writeSync(descriptor, text);
	closeSync(descriptor);
}
