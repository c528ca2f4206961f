/** The guard's rows as a table for people and as JSON for machines. */

import { type Summary, summarise } from "../measure/stats.js";
import { describeTarget, figure, layOut, meets, type Verdict } from "../report.js";
import type { GuardRow } from "./group.js";

export interface GuardReportRow extends Summary {
	readonly name: string;
	readonly unit: string;
	readonly verdict?: Verdict;
}

export function guardReportRow({ name, unit, samples, target }: GuardRow): GuardReportRow {
	const summary = summarise(samples);
	if (target === undefined) {
		return { name, unit, ...summary };
	}
	const verdict = { target: describeTarget(target, unit), ok: meets(target, summary[target.of]) };
	return { name, unit, ...summary, verdict };
}

/** Columns of text, not of numbers. */
export const GUARD_TEXT_COLUMNS = [0, 1, 6];

/** Headings, then a line for each row. */
export function guardLines(rows: readonly GuardReportRow[]): string[][] {
	const lines = rows.map(({ name, unit, count, median, p99, mean, verdict }) => [
		name,
		unit,
		String(count),
		...[median, p99, mean].map(figure),
		verdict === undefined ? "–" : `${verdict.target} ${verdict.ok ? "ok" : "MISSED"}`,
	]);
	return [["guard", "unit", "n", "p50", "p99", "mean", "target"], ...lines];
}

export function guardTable(rows: readonly GuardReportRow[]): string {
	return layOut(guardLines(rows), GUARD_TEXT_COLUMNS);
}
