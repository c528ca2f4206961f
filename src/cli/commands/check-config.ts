/** `mosh-portguard check-config`: every mistake of every file, without touching anything. */

import { ConfigError } from "../../config/errors.js";
import { SystemAccounts } from "../../guard/accounts.js";
import { settingsFrom } from "../../guard/settings.js";
import { readConfig } from "../configuration.js";
import type { Context } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { json } from "../show.js";
import type { ShowOptions } from "./status.js";

export async function checkConfig(context: Context, options: ShowOptions): Promise<number> {
	const { write, paths, commands } = context;
	try {
		const { config, files } = readConfig(paths.config);
		const { unknownNames } = await settingsFrom(config, new SystemAccounts(commands));
		if (options.json) {
			write(json({ schema: 1, valid: true, files, unknownNames, faults: [], config }));
			return EXIT.ok;
		}
		write(files.length === 0 ? `no ${paths.config}: the defaults hold\n` : `${files.join(", ")}: good\n`);
		for (const name of unknownNames) write(`warning: this host has no ${name}\n`);
		return EXIT.ok;
	} catch (error) {
		if (!(error instanceof ConfigError)) throw error;
		if (options.json) write(json({ schema: 1, valid: false, faults: error.faults }));
		else context.complain(`${error.message}\n`);
		return EXIT.badConfig;
	}
}
