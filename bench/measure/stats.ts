/** The figures a list of samples is reduced to. */

export interface Summary {
	readonly count: number;
	readonly median: number;
	readonly p99: number;
	readonly mean: number;
	readonly min: number;
	readonly max: number;
}

export type Statistic = "median" | "p99" | "mean";

/**
 * The value below which the fraction `q` (0..1) of `sorted` lies, by the nearest-rank rule: always a value that
 * was really measured, which is what one wants of a p99 over a few hundred samples.
 */
export function quantile(sorted: readonly number[], q: number): number {
	const rank = Math.max(1, Math.ceil(q * sorted.length));
	const value = sorted[rank - 1];
	if (value === undefined) {
		throw new RangeError("a quantile needs at least one sample and q in 0..1");
	}
	return value;
}

/** Throws `RangeError` when there is no sample: a measurement that yielded nothing must not look like a zero. */
export function summarise(samples: readonly number[]): Summary {
	const sorted = [...samples].sort((a, b) => a - b);
	return {
		count: sorted.length,
		median: quantile(sorted, 0.5),
		p99: quantile(sorted, 0.99),
		mean: sorted.reduce((sum, value) => sum + value, 0) / sorted.length,
		min: quantile(sorted, 0),
		max: quantile(sorted, 1),
	};
}
