/** Runs the command that the arguments select and returns its exit code; every error becomes a one-line message. */

import { CommanderError } from "commander";
import { ConfigError } from "../config/errors.js";
import { FirewallError } from "../firewall/errors.js";
import { GuardError, type GuardErrorCode } from "../guard-protocol/errors.js";
import { messageOf } from "../system/errors.js";
import { CliError, type Context, type GlobalOptions, systemContext } from "./context.js";
import { EXIT, type ExitName } from "./output/exit-codes.js";
import { type Action, createProgram } from "./program.js";

export async function runCommandLine(
	args: readonly string[],
	createContext: (options: GlobalOptions) => Context = systemContext,
): Promise<number> {
	let chosen: { action: Action; context: Context } | undefined;
	try {
		const program = createProgram((action, options) => {
			chosen = { action, context: createContext(options) };
		});
		program.parse(args, { from: "user" });
	} catch (error) {
		// Commander has already printed a message; asking for help is not an error.
		if (error instanceof CommanderError) {
			return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
		}
		throw error;
	}
	if (chosen === undefined) {
		return EXIT.usage;
	}
	try {
		return await chosen.action(chosen.context);
	} catch (error) {
		const message = messageOf(error);
		chosen.context.complain(`mosh-portguard: ${message}\n`);
		return EXIT[exitOf(error)];
	}
}

const OF_GUARD: Partial<Record<GuardErrorCode, ExitName>> = {
	"already-running": "alreadyRunning",
	"no-guard": "noGuard",
	"not-permitted": "notPermitted",
	refused: "notOpen",
};

function exitOf(error: unknown): ExitName {
	if (error instanceof CliError) {
		return error.exit;
	}
	if (error instanceof ConfigError) {
		return "badConfig";
	}
	if (error instanceof FirewallError) {
		return "firewall";
	}
	if (error instanceof GuardError) {
		return OF_GUARD[error.code] ?? "failed";
	}
	return "failed";
}
