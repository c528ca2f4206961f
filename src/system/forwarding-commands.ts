/** Commands that are run by others: the base of those that do something of their own about some. */

import type { Commands, Follower, Output, RunOptions } from "./commands.js";

export abstract class ForwardingCommands implements Commands {
	protected readonly others: Commands;

	constructor(others: Commands) {
		this.others = others;
	}

	find(tool: string): Promise<string | undefined> {
		return this.others.find(tool);
	}

	run(tool: string, args: readonly string[], options?: RunOptions): Promise<Output> {
		return this.others.run(tool, args, options);
	}

	follow(...line: Parameters<Commands["follow"]>): Promise<Follower> {
		return this.others.follow(...line);
	}

	started(pid: number, name: string): boolean {
		return this.others.started(pid, name);
	}
}
