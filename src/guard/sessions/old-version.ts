/** Decides whether a deleted executable is a previously installed version, as after a package upgrade. Pure. */

import { dirname } from "node:path";
import { DELETED, type Executable } from "../kernel/processes.js";

/**
 * The kernel's "<path> (deleted)" proves little: in a user namespace, an ordinary user may mount anything over the path, unlink
 * it there and run it from the host's own namespaces. Neither does the owner: it may be root's python. Nor does an inode without
 * links on the host's own device: a bind mount keeps files that some upgrade has replaced.
 *
 * What proves it is the mount. A process of the host's user namespace has a mount namespace that only root can have created, and
 * `inPlace` says that the file was reached through the mount at that path there. Then the path is genuine, and whoever unlinked
 * the file could write to its folder, which only root can.
 *
 * A remaining link is no counterproof: dpkg keeps one until everything is unpacked, and where fs.protected_hardlinks is 0,
 * everybody may create one. But the file's own name must not end in " (deleted)".
 */
export function isOldVersion(
	executable: Executable,
	fileAt: (path: string) => Executable | undefined,
): boolean {
	const { path, deleted, inPlace, device, links } = executable;
	if (!deleted || !inPlace) {
		return false;
	}
	const installed = fileAt(path) ?? fileAt(dirname(path));
	if (installed?.device !== device) {
		return false;
	}
	return links === 0 || fileAt(path + DELETED) === undefined;
}
