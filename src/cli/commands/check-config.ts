/** `mosh-portguard check-config`: reports every mistake in every configuration file and changes nothing. */

import { ConfigError } from "../../config/errors.js";
import type { Config } from "../../config/schema.js";
import { readConfig } from "../../daemon/configuration.js";
import { settingsFrom } from "../../guard/settings.js";
import { SystemAccounts } from "../../system/accounts.js";
import { unsafeReason } from "../../system/ownership.js";
import type { Context } from "../context.js";
import type { OutputOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { json } from "../output/format.js";

export async function checkConfig(context: Context, options: OutputOptions): Promise<number> {
	const { write, paths, commands } = context;
	try {
		const { config, files } = readConfig(paths.config);
		const { unknownNames } = await settingsFrom(config, new SystemAccounts(commands));
		const warnings = [...unknownNames.map((name) => `this host has no ${name}`), ...hookWarnings(config)];
		if (options.json) {
			write(json({ schema: 1, valid: true, files, unknownNames, warnings, faults: [], config }));
			return EXIT.ok;
		}
		write(files.length === 0 ? `no ${paths.config}: the defaults apply\n` : `${files.join(", ")}: valid\n`);
		for (const warning of warnings) write(`warning: ${warning}\n`);
		return EXIT.ok;
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		if (options.json) write(json({ schema: 1, valid: false, faults: error.faults }));
		else context.complain(`${error.message}\n`);
		return EXIT.badConfig;
	}
}

function hookWarnings({ hooks }: Config): string[] {
	const fault = hooks.on_change === "" ? undefined : unsafeReason(hooks.on_change);
	return fault === undefined ? [] : [`hooks.on_change will not be run: ${hooks.on_change} ${fault}`];
}
