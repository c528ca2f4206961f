/** Commands that must all have ended by a certain time: whoever waits for their answer cannot wait longer. */

import type { Commands, Output, RunOptions } from "../system/commands.js";
import { CommandError } from "../system/errors.js";
import { ForwardingCommands } from "../system/forwarding-commands.js";

export class LimitedCommands extends ForwardingCommands {
	readonly #withinMs: number;
	readonly #end: number;

	/** @param withinMs from now on */
	constructor(commands: Commands, withinMs: number) {
		super(commands);
		this.#withinMs = withinMs;
		this.#end = performance.now() + withinMs;
	}

	/** @throws CommandError `tool-timeout` for what is not done in time, or not begun */
	override async run(tool: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
		const left = Math.ceil(this.#end - performance.now());
		if (left <= 0) {
			const line = [tool, ...args].join(" ");
			const message = `\`${line}\` was not run: the time for reading the rules, ${this.#withinMs / 1000} s, was over.`;
			throw new CommandError("tool-timeout", message);
		}
		return this.others.run(tool, args, {
			...options,
			timeoutMs: Math.min(left, options.timeoutMs ?? left),
		});
	}
}
