/** `mosh-portguard clear`: nothing of ours stays in any firewall. For the end of the unit and the removal of the package. */

import { ConfigError } from "../../config/errors.js";
import { loadConfig } from "../../config/load.js";
import { type Config, DEFAULTS } from "../../config/schema.js";
import { clearFirewalls } from "../../daemon/clear-firewalls.js";
import { takeLock } from "../../daemon/lock.js";
import { prepareRuntimeFolder } from "../../daemon/runtime-folder.js";
import { type Context, needPrivilege } from "../context.js";
import { EXIT } from "../output/exit-codes.js";

export async function clear(context: Context): Promise<number> {
	needPrivilege(context, "clear");
	prepareRuntimeFolder(context.paths.folder);
	// A guard that runs would open everything again.
	const lock = takeLock(context.paths.lock);
	try {
		await clearFirewalls(configOrDefaults(context), context.commands);
	} finally {
		lock.release();
	}
	return EXIT.ok;
}

/** A mistake in the configuration must not leave ports open. */
function configOrDefaults({ paths }: Context): Config {
	try {
		return loadConfig(paths.config).config;
	} catch (error) {
		if (error instanceof ConfigError) return DEFAULTS;
		throw error;
	}
}
