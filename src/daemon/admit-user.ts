/**
 * Lets one user use a socket that is the guard's. Root gives it away. The service's own user may not (see CAP_CHOWN in
 * systemd/sandbox.conf), but the owner of a file may add a user to its access list: `systemd-tmpfiles` does, which is wherever
 * there is such a service, and takes 15 ms.
 */

import { chownSync } from "node:fs";
import type { Commands } from "../system/commands.js";

/** `path`: absolute, without blanks, with a mode that shuts it for others. */
export async function admitUser(
	commands: Pick<Commands, "run">,
	path: string,
	uid: number,
	own = process.geteuid?.() ?? 0,
): Promise<void> {
	if (own === 0) chownSync(path, uid, -1);
	else if (uid !== own) {
		await commands.run("systemd-tmpfiles", ["--create", "-"], { input: `a ${path} - - - - u:${uid}:rw\n` });
	}
}
