/** Rows as a table for people and as JSON for machines. */

import { type Summary, summarise } from "./measure/stats.js";
import type { Row, Target } from "./scenario.js";

export interface Verdict {
	/** As printed, e.g. `p50 ≤ 0.35×`. */
	readonly target: string;
	readonly ok: boolean;
}

export interface ReportRow {
	readonly name: string;
	readonly unit: string;
	readonly stock: Summary;
	readonly ours: Summary;
	/** Ours / stock. */
	readonly ratio: { readonly median: number; readonly p99: number; readonly mean: number };
	readonly verdicts: readonly Verdict[];
}

const LABEL = { median: "p50", p99: "p99", mean: "mean" } as const;

export function reportRow(row: Row): ReportRow {
	const stock = summarise(row.samples.stock);
	const ours = summarise(row.samples.ours);
	const ratio = {
		median: ours.median / stock.median,
		p99: ours.p99 / stock.p99,
		mean: ours.mean / stock.mean,
	};
	const verdicts = (row.targets ?? []).map((target) => ({
		target: describeTarget(target, row.unit),
		ok: meets(target, target.as === "ratio" ? ratio[target.of] : ours[target.of]),
	}));
	return { name: row.name, unit: row.unit, stock, ours, ratio, verdicts };
}

export function describeTarget(target: Target, unit: string): string {
	const sign = target.bound === "at most" ? "≤" : "≥";
	return `${LABEL[target.of]} ${sign} ${target.limit}${target.as === "ratio" ? "×" : ` ${unit}`}`;
}

export function meets(target: Target, figure: number): boolean {
	return target.bound === "at most" ? figure <= target.limit : figure >= target.limit;
}

const HEADINGS = [
	"",
	"unit",
	"n",
	"stock p50",
	"p99",
	"ours p50",
	"p99",
	"ratio p50",
	"p99",
	"mean",
	"target",
];

/** Columns of text, not of numbers. */
export const TEXT_COLUMNS = [0, 1, 10];

/** Headings, then a line for each row. */
export function lines(rows: readonly ReportRow[]): string[][] {
	return [HEADINGS, ...rows.map(cells)];
}

export function table(rows: readonly ReportRow[]): string {
	return layOut(lines(rows), TEXT_COLUMNS);
}

/** Columns as wide as they must be; those in `left` start at the left. */
export function layOut(lines: readonly (readonly string[])[], left: readonly number[], gap = "  "): string {
	const columns = lines[0]?.map((_, column) => column) ?? [];
	const widths = columns.map((column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
	return lines
		.map((line) =>
			line.map((cell, column) =>
				(left.includes(column) ? cell.padEnd : cell.padStart).call(cell, widths[column] ?? 0),
			),
		)
		.map((line) => line.join(gap).trimEnd())
		.join("\n");
}

function cells(row: ReportRow): string[] {
	const verdicts = row.verdicts.map(({ target, ok }) => `${target} ${ok ? "ok" : "MISSED"}`);
	return [
		row.name,
		row.unit,
		String(Math.min(row.stock.count, row.ours.count)),
		figure(row.stock.median),
		figure(row.stock.p99),
		figure(row.ours.median),
		figure(row.ours.p99),
		times(row.ratio.median),
		times(row.ratio.p99),
		times(row.ratio.mean),
		verdicts.join(", ") || "–",
	];
}

/** Of nothing there is no multiple. JSON has null for that. */
function times(ratio: number | null): string {
	return ratio !== null && Number.isFinite(ratio) ? `${ratio.toFixed(2)}×` : "–";
}

/** Three significant digits, without exponents. */
export function figure(value: number): string {
	if (value >= 1000) {
		return String(Math.round(value));
	}
	return value.toFixed(value >= 100 ? 0 : value >= 10 ? 1 : 2);
}
