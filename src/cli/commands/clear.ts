/**
 * `mosh-portguard clear`: removes everything that the guard manages from every firewall. For after a guard that crashed and before
 * the package is removed.
 */

import { clearFirewalls } from "../../daemon/clear-firewalls.js";
import { takeLock } from "../../daemon/lock.js";
import { prepareRuntimeFolder } from "../../daemon/runtime-folder.js";
import { type Context, needPrivilege } from "../context.js";
import { EXIT } from "../output/exit-codes.js";

export async function clear(context: Context): Promise<number> {
	needPrivilege(context, "clear");
	prepareRuntimeFolder(context.paths.folder);
	// A running guard would open everything again.
	const lock = takeLock(context.paths.lock);
	try {
		await clearFirewalls(context.commands);
	} finally {
		lock.release();
	}
	return EXIT.ok;
}
