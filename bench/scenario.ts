/** What a row group of the benchmark is, and what a row holds. */

import type { Statistic } from "./measure/stats.js";
import type { Contestant, ContestantName } from "./servers.js";

export type Samples = Readonly<Record<ContestantName, readonly number[]>>;

/** A target the project set itself (docs/performance.md). */
export interface Target {
	/** Which figure of the row. */
	readonly of: Statistic;
	/** `ratio` is ours / stock; `value` is ours alone, in the row's unit. */
	readonly as: "ratio" | "value";
	readonly bound: "at most" | "at least";
	readonly limit: number;
}

export interface Row {
	readonly name: string;
	readonly unit: string;
	readonly samples: Samples;
	readonly targets?: readonly Target[];
}

export interface Bench {
	/** The two, in the order of the first round. */
	readonly contestants: readonly [Contestant, Contestant];
	/** Fewer rounds: enough to see a regression, not to quote. */
	readonly quick: boolean;
	/** Directory for input files; emptied at the end of the run. */
	readonly scratch: string;
	/** One line of progress. */
	progress(text: string): void;
}

export interface Scenario {
	/** For `--only`. */
	readonly name: string;
	readonly summary: string;
	run(bench: Bench): Promise<readonly Row[]>;
}

export const ratioAtMost = (limit: number, of: Statistic = "median"): Target => ({
	of,
	as: "ratio",
	bound: "at most",
	limit,
});

export const ratioAtLeast = (limit: number, of: Statistic = "median"): Target => ({
	of,
	as: "ratio",
	bound: "at least",
	limit,
});

export const valueAtMost = (limit: number, of: Statistic = "median"): Target => ({
	of,
	as: "value",
	bound: "at most",
	limit,
});

/** Collects samples by row name while rounds go on. */
export class Recorder {
	readonly #samples = new Map<string, Record<ContestantName, number[]>>();

	add(row: string, contestant: Contestant, ...values: readonly number[]): void {
		const entry = this.#samples.get(row) ?? { stock: [], ours: [] };
		this.#samples.set(row, entry);
		entry[contestant.name].push(...values);
	}

	row(name: string, unit: string, ...targets: readonly Target[]): Row {
		return { name, unit, samples: this.#samples.get(name) ?? { stock: [], ours: [] }, targets };
	}
}

/**
 * Runs every round for both contestants, A B, B A, A B…: what drifts on the machine (clock, cache, other load)
 * falls on both alike.
 */
export async function alternate(
	bench: Bench,
	rounds: number,
	round: (contestant: Contestant, index: number) => Promise<void>,
): Promise<void> {
	for (let index = 0; index < rounds; index++) {
		const [first, second] = bench.contestants;
		for (const contestant of index % 2 === 0 ? [first, second] : [second, first]) {
			await round(contestant, index);
		}
	}
}
