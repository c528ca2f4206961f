/** `mosh-portguard check-config`: reports every mistake in every configuration file and changes nothing. */

import { readFileSync } from "node:fs";
import { ConfigError } from "../../config/errors.js";
import { loadConfig } from "../../config/load.js";
import type { Config } from "../../config/schema.js";
import { chooseFirewall } from "../../daemon/choose-firewall.js";
import { readConfig } from "../../daemon/configuration.js";
import { dropIn, type HiddenServer, hiddenAt, hiddenServers } from "../../daemon/hidden-servers.js";
import { AccountNames } from "../../guard/account-names.js";
import { namesIn, settingsFrom } from "../../guard/settings.js";
import { SystemAccounts } from "../../system/accounts.js";
import { unsafeReason } from "../../system/ownership.js";
import type { Context } from "../context.js";
import type { OutputOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { json } from "../output/format.js";

export interface CheckConfigOptions extends OutputOptions {
	/** Asked by systemd/setup: the drop-in that shows the service what it would not see. */
	readonly dropIn?: boolean;
}

/** What `setup` installed last. */
const INSTALLED = "/run/systemd/system/mosh-portguard.service.d/servers.conf";

/** For all names together. */
const NAMES_MS = 10_000;

export async function checkConfig(context: Context, options: CheckConfigOptions): Promise<number> {
	const { write, paths, commands } = context;
	try {
		const { config, files } = readConfig(paths.config);
		// Only what a file names: the mosh-server beside the command is where the command is, which the service runs.
		const named = loadConfig(paths.config).config;
		const hidden = hiddenServers(named, (path, runnable) => unsafeReason(path, 0, runnable));
		if (options.dropIn) {
			write(dropIn(hidden));
			return EXIT.ok;
		}
		const names = new AccountNames(new SystemAccounts(commands));
		await names.ask(namesIn(config), NAMES_MS);
		const { unknownNames, policy } = settingsFrom(config, names);
		const warnings = [
			...nameWarnings(config, names),
			...(policy.unknownDenials ?? []).map(
				(name) => `until ${name}, which is denied, is known, ports open only for users named in users.allow`,
			),
			...hiddenWarnings(hidden, installed()),
			...hookWarnings(config),
			...(await firewallWarnings(config, context)),
		];
		if (options.json) {
			write(json({ schema: 1, valid: true, files, unknownNames, warnings, faults: [], config }));
			return EXIT.ok;
		}
		write(files.length === 0 ? `no ${paths.config}: the defaults apply\n` : `${files.join(", ")}: valid\n`);
		for (const warning of warnings) {
			write(`warning: ${warning}\n`);
		}
		return EXIT.ok;
	} catch (error) {
		if (!(error instanceof ConfigError)) {
			throw error;
		}
		if (options.json) {
			write(json({ schema: 1, valid: false, faults: error.faults }));
		} else {
			context.complain(`${error.message}\n`);
		}
		return EXIT.badConfig;
	}
}

/** Where one firewall is named, others that drop keep its ports shut. Only root can see them. */
async function firewallWarnings(config: Config, context: Context): Promise<string[]> {
	const { name } = config.firewall;
	if (name === "auto") {
		return [];
	}
	const { unserved } = await chooseFirewall(config, context);
	return unserved.map((sentence) => `firewall.name = "${name}": ${sentence}`);
}

function nameWarnings(config: Config, names: AccountNames): string[] {
	return namesIn(config).flatMap((account) => {
		const { state } = names.answerOf(account);
		if (state === "known") {
			return [];
		}
		const { kind, name } = account;
		return state === "absent"
			? `this host has no ${kind} ${name}`
			: `the name service does not tell of ${kind} ${name}`;
	});
}

/** `shown`: the drop-in in force. */
function hiddenWarnings(servers: readonly HiddenServer[], shown: string): string[] {
	return servers.flatMap(({ path, below, grant, reason }) => {
		if (reason !== undefined) {
			return `${path} is below ${below}, which the service hides, and ${reason}`;
		}
		if (shown.split("\n").includes(`BindReadOnlyPaths=-${grant}`)) {
			return [];
		}
		return `${path} is below ${below}, which the service hides; its next start shows it ${grant} (systemctl restart mosh-portguard)`;
	});
}

function installed(): string {
	try {
		return readFileSync(INSTALLED, "utf8");
	} catch {
		return "";
	}
}

function hookWarnings({ hooks }: Config): string[] {
	if (hooks.on_change === "") {
		return [];
	}
	const fault = unsafeReason(hooks.on_change);
	if (fault !== undefined) {
		return [`hooks.on_change will not be run: ${hooks.on_change} ${fault}`];
	}
	const below = hiddenAt(hooks.on_change);
	return below === undefined
		? []
		: [
				`hooks.on_change cannot be run by the service: ${hooks.on_change} is below ${below}, which the service hides`,
			];
}
