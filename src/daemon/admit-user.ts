/**
 * Grants one user access to a socket of the guard. Root changes its owner. The service's own user may not (see CAP_CHOWN in
 * systemd/sandbox.conf), but the owner of a file may add a user to its ACL, which `systemd-tmpfiles` does in 15 ms; it is present
 * wherever the service is.
 */

import { chownSync } from "node:fs";
import type { Commands } from "../system/commands.js";

/**
 * @param path absolute, without spaces, of a socket with mode 0600
 * @throws when access could not be granted
 */
export async function admitUser(
	commands: Pick<Commands, "run">,
	path: string,
	uid: number,
	own = process.geteuid?.() ?? 0,
): Promise<void> {
	if (own === 0) {
		chownSync(path, uid, -1);
	} else if (uid !== own) {
		await commands.run("systemd-tmpfiles", ["--create", "-"], { input: `a ${path} - - - - u:${uid}:rw\n` });
	}
}
