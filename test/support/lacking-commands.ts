/** A host's commands, some of which are missing or fail. */

import type { Commands, Follower, Output, RunOptions } from "../../src/system/commands.js";
import { CommandError } from "../../src/system/errors.js";

export interface Lacking {
	/** Tools that are not installed. */
	readonly missing?: RegExp;
	/** Command lines that fail, and with what words. */
	readonly failing?: { readonly line: RegExp; readonly words: string };
}

export class LackingCommands implements Commands {
	private readonly commands: Commands;
	private readonly lacking: Lacking;

	constructor(commands: Commands, lacking: Lacking) {
		this.commands = commands;
		this.lacking = lacking;
	}

	async find(tool: string): Promise<string | undefined> {
		return this.lacking.missing?.test(tool) ? undefined : this.commands.find(tool);
	}

	async run(tool: string, args: readonly string[], options?: RunOptions): Promise<Output> {
		const { missing, failing } = this.lacking;
		if (missing?.test(tool)) {
			throw new CommandError("tool-missing", `${tool} is not installed.`);
		}
		if (failing?.line.test([tool, ...args].join(" "))) {
			if (options?.answers?.includes(1)) {
				return { stdout: "", stderr: failing.words, exitCode: 1 };
			}
			throw new CommandError("tool-failed", `${tool} failed: ${failing.words}`);
		}
		return this.commands.run(tool, args, options);
	}

	follow(...line: Parameters<Commands["follow"]>): Promise<Follower> {
		return this.commands.follow(...line);
	}

	started(pid: number, name: string): boolean {
		return this.commands.started(pid, name);
	}
}
