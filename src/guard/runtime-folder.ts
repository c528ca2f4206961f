/** /run/mosh-portguard: the sockets and the lock. Root's alone to write to, everybody's to pass through. */

import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { GuardError, messageOf } from "./errors.js";

export const RUNTIME_FOLDER = "/run/mosh-portguard";

const MODE = 0o755;

/** Throws `unsafe-folder` when the folder is a link, somebody else's, or cannot be made. */
export function prepareRuntimeFolder(folder = RUNTIME_FOLDER, owner = process.geteuid?.() ?? 0): void {
	try {
		mkdirSync(folder, { mode: MODE });
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code !== "EEXIST") {
			throw new GuardError("unsafe-folder", `cannot make ${folder}: ${messageOf(cause)}`, { cause });
		}
	}
	const found = lstatSync(folder);
	if (!found.isDirectory() || found.uid !== owner) {
		throw new GuardError("unsafe-folder", `${folder} must be a folder that belongs to uid ${owner}`);
	}
	// The umask may have taken bits away, or somebody with the right to do so added some.
	chmodSync(folder, MODE);
}
