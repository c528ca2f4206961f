/** Is a deleted executable really what was installed before, as after a package upgrade? Pure. */

import { dirname } from "node:path";
import { DELETED, type Executable } from "../kernel/processes.js";

/**
 * The kernel's "<path> (deleted)" alone says little: an ordinary user may, in a user namespace, mount anything over the path,
 * unlink it there and run it from the host's own namespaces. The owner says as little: it may be root's python. So may the
 * inode, without a link on the host's own device: a bind mount keeps what some upgrade has replaced.
 *
 * What counts is the mount. A process of the host's user namespace has a mount namespace that only root can have made, and
 * `inPlace` says that the file was reached through the mount that is at that path there. Then the path is true, and whoever
 * unlinked the file could write to its folder, as root alone can.
 *
 * A link that is left says nothing against it: dpkg keeps one until all is unpacked, and where fs.protected_hardlinks is 0
 * everybody may make one. Only the name must not be one that ends so by itself.
 */
export function isOldVersion(
	executable: Executable,
	fileAt: (path: string) => Executable | undefined,
): boolean {
	const { path, deleted, inPlace, device, links } = executable;
	if (!deleted || !inPlace) return false;
	const installed = fileAt(path) ?? fileAt(dirname(path));
	if (installed?.device !== device) return false;
	return links === 0 || fileAt(path + DELETED) === undefined;
}
