/** Commands that must all have ended by a certain time: whoever waits for their answer cannot wait longer. */

import type { Commands, Follower, Output, RunOptions } from "../system/commands.js";
import { CommandError } from "../system/errors.js";

export class LimitedCommands implements Commands {
	readonly #commands: Commands;
	readonly #withinMs: number;
	readonly #end: number;

	/** @param withinMs from now on */
	constructor(commands: Commands, withinMs: number) {
		this.#commands = commands;
		this.#withinMs = withinMs;
		this.#end = performance.now() + withinMs;
	}

	find(tool: string): Promise<string | undefined> {
		return this.#commands.find(tool);
	}

	/** @throws CommandError `tool-timeout` for what is not done in time, or not begun */
	async run(tool: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
		const left = Math.ceil(this.#end - performance.now());
		if (left <= 0) {
			const line = [tool, ...args].join(" ");
			const message = `\`${line}\` was not run: the time for reading the rules, ${this.#withinMs / 1000} s, was over.`;
			throw new CommandError("tool-timeout", message);
		}
		return this.#commands.run(tool, args, {
			...options,
			timeoutMs: Math.min(left, options.timeoutMs ?? left),
		});
	}

	follow(...line: Parameters<Commands["follow"]>): Promise<Follower> {
		return this.#commands.follow(...line);
	}

	started(pid: number, name: string): boolean {
		return this.#commands.started(pid, name);
	}
}
