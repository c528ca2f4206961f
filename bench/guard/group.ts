/** What a group of the guard's rows is. Unlike those of the server, most have nothing to stand beside. */

import type { Target } from "../scenario.js";

export interface GuardRow {
	readonly name: string;
	readonly unit: string;
	readonly samples: readonly number[];
	readonly target?: Target;
}

export interface GuardBench {
	/** Fewer rounds: enough to see a regression, not to quote. */
	readonly quick: boolean;
	/** One line of progress. */
	progress(text: string): void;
}

export interface GuardGroup {
	/** For `--only`. */
	readonly name: string;
	readonly summary: string;
	/** Commands it needs besides those of every group. */
	readonly tools: readonly string[];
	run(bench: GuardBench): Promise<readonly GuardRow[]>;
}
