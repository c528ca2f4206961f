/** `mosh-portguard check-config`: every mistake of every file, without touching anything. */

import { ConfigError } from "../../config/errors.js";
import type { Config } from "../../config/schema.js";
import { readConfig } from "../../daemon/configuration.js";
import { AccountNames } from "../../guard/account-names.js";
import { namesIn, settingsFrom } from "../../guard/settings.js";
import { SystemAccounts } from "../../system/accounts.js";
import { unsafeReason } from "../../system/ownership.js";
import type { Context } from "../context.js";
import { EXIT } from "../output/exit-codes.js";
import { json } from "../output/format.js";
import type { ShowOptions } from "./status.js";

/** For all names together. */
const NAMES_MS = 10_000;

export async function checkConfig(context: Context, options: ShowOptions): Promise<number> {
	const { write, paths, commands } = context;
	try {
		const { config, files } = readConfig(paths.config);
		const names = new AccountNames(new SystemAccounts(commands));
		await names.ask(namesIn(config), NAMES_MS);
		const { unknownNames, policy } = settingsFrom(config, names);
		const warnings = [
			...nameWarnings(config, names),
			...(policy.unknownDenials ?? []).map(
				(name) => `until ${name}, which is denied, is known, ports open only for users named in users.allow`,
			),
			...hookWarnings(config),
		];
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

function nameWarnings(config: Config, names: AccountNames): string[] {
	return namesIn(config).flatMap((account) => {
		const { state } = names.answerOf(account);
		if (state === "known") return [];
		const { kind, name } = account;
		return state === "absent"
			? `this host has no ${kind} ${name}`
			: `the name service does not tell of ${kind} ${name}`;
	});
}

function hookWarnings({ hooks }: Config): string[] {
	const fault = hooks.on_change === "" ? undefined : unsafeReason(hooks.on_change);
	return fault === undefined ? [] : [`hooks.on_change will not be run: ${hooks.on_change} ${fault}`];
}
