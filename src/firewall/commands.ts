/** The system's commands for firewall backends: a CommandError becomes a FirewallError. */

import type { Commands, Follower, Output, RunOptions } from "../system/commands.js";
import { CommandError } from "../system/errors.js";
import { FirewallError } from "./errors.js";

export class FirewallCommands implements Commands {
	readonly #commands: Commands;

	constructor(commands: Commands) {
		this.#commands = commands;
	}

	find(tool: string): Promise<string | undefined> {
		return this.#commands.find(tool);
	}

	/** @throws FirewallError with the code of the CommandError that is its cause */
	run(tool: string, args: readonly string[], options?: RunOptions): Promise<Output> {
		return this.#commands.run(tool, args, options).catch(rethrow);
	}

	/** @throws FirewallError like `run` */
	follow(...line: Parameters<Commands["follow"]>): Promise<Follower> {
		return this.#commands.follow(...line).catch(rethrow);
	}

	started(pid: number, name: string): boolean {
		return this.#commands.started(pid, name);
	}
}

function rethrow(error: unknown): never {
	if (error instanceof CommandError) {
		throw new FirewallError(error.code, error.message, { cause: error });
	}
	throw error;
}
