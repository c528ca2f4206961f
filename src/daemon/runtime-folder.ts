/**
 * /run/mosh-portguard: the sockets and the lock. Its owner's alone to write to, everybody's to pass through. The owner is the
 * service's user; root's commands use it as it is, and follow no link in it.
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
 * Throws `unsafe-folder` when the folder is a link, somebody else's, or cannot be made. For root anybody's will do that nobody
 * else could have made: what lies above it is root's.
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
	const isTheServices = owner === 0 && onlyRootWrites(lstatSync(dirname(folder)));
	if (!found.isDirectory() || (found.uid !== owner && !isTheServices)) {
		throw new GuardError("unsafe-folder", `${folder} must be a folder owned by uid ${owner}`);
	}
	// The umask may have taken bits away, or somebody with the right to do so added some.
	if (found.uid === owner) chmodSync(folder, MODE);
}

/**
 * A guard that is root, on a host whose service has run as its user: what it makes must not be in a folder of that user's, who
 * could exchange it for a link. Only under the lock. systemd gives the folder back when the service starts.
 */
export function claimRuntimeFolder(folder = RUNTIME_FOLDER, own = process.geteuid?.() ?? 0): void {
	if (own === 0 && lstatSync(folder).uid !== 0) lchownSync(folder, 0, 0);
}

/** Never by way of a link. */
export function put(path: string, text = ""): void {
	const { O_CREAT, O_NOFOLLOW, O_TRUNC, O_WRONLY } = constants;
	const descriptor = openSync(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, 0o644);
	writeSync(descriptor, text);
	closeSync(descriptor);
}
