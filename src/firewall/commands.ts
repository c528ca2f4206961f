/** The system's commands for firewall backends: a CommandError becomes a FirewallError. */

import type { Commands, Follower, Output, RunOptions } from "../system/commands.js";
import { CommandError } from "../system/errors.js";
import { ForwardingCommands } from "../system/forwarding-commands.js";
import { FirewallError } from "./errors.js";

export class FirewallCommands extends ForwardingCommands {
	/** @throws FirewallError with the code of the CommandError that is its cause */
	override run(tool: string, args: readonly string[], options?: RunOptions): Promise<Output> {
		return this.others.run(tool, args, options).catch(rethrow);
	}

	/** @throws FirewallError like `run` */
	override follow(...line: Parameters<Commands["follow"]>): Promise<Follower> {
		return this.others.follow(...line).catch(rethrow);
	}
}

function rethrow(error: unknown): never {
	if (error instanceof CommandError) {
		throw new FirewallError(error.code, error.message, { cause: error });
	}
	throw error;
}
