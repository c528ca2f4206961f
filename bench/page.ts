/** The figures as a page for readers: `npm run bench -- --markdown docs/performance.md`. Nothing on it is written by hand. */

import { GUARD_TEXT_COLUMNS, type GuardReportRow, guardLines } from "./guard/report.js";
import { layOut, lines, type ReportRow, TEXT_COLUMNS } from "./report.js";

export interface Circumstances {
	/** Year, month, day. */
	readonly date: string;
	readonly node: string;
	readonly kernel: string;
	readonly cpu: string;
	readonly cores: number;
	/** What stood on the command line. */
	readonly words: readonly string[];
	/** Load averages over a minute, before and after. */
	readonly load: readonly [number, number];
}

/** What one run measured. */
export interface Run {
	readonly circumstances: Circumstances;
	readonly rows: readonly ReportRow[];
	readonly guard: readonly GuardReportRow[];
}

/** @param runs in the order of their rows; the last one wrote the page */
export function page(runs: readonly Run[]): string {
	const rows = runs.flatMap((run) => run.rows);
	const guard = runs.flatMap((run) => run.guard);
	const parts = [
		"# Performance",
		`${runs.map(written).join("\n\n")}

Missed targets are included; [why they are missed](./performance-limits.md).`,
	];
	if (rows.length > 0) {
		parts.push(
			"## mosh-server beside the stock one",
			`The two alternate round by round, on the same machine, with the same client and the same keys at the same times. The ratio is ours /
stock: for times, bytes and memory, lower is better.`,
			markdownTable(lines(rows), TEXT_COLUMNS),
		);
	}
	if (guard.length > 0) {
		parts.push(
			"## The port guard",
			`From a server's \`bind\` to the first datagram that passes the firewall, from its death to the last one, and the resources that the
guard uses. The script is the usual one, run by cron or at each login: \`lsof\`, \`ufw allow\`, \`ufw delete\`.`,
			markdownTable(guardLines(guard), GUARD_TEXT_COLUMNS),
		);
	}
	parts.push(
		"## Hostile output",
		`What output made to stall a session costs ours and the stock server is measured by \`npx tsx bench/hostile-output.ts\`
(\`--help\`); figures in [hostile output](./hostile-output.md).`,
	);
	return `${parts.join("\n\n")}\n`;
}

function written({ circumstances }: Run): string {
	const { date, node, kernel, cpu, cores, words, load } = circumstances;
	const loads = load.map((value) => value.toFixed(2)).join(" before and ");
	return `Written by \`${["npm run bench --", ...words].join(" ")}\`
on ${date}: ${cores} cores of ${cpu}, Linux ${kernel}, Node ${node.slice(1)}, load ${loads} after.`;
}

/** GitHub's. Columns but those in `left` are numbers. */
export function markdownTable(lines: readonly (readonly string[])[], left: readonly number[]): string {
	const [headings = [], ...rest] = lines;
	const rule = headings.map((heading, column) =>
		left.includes(column)
			? "-".repeat(Math.max(3, heading.length))
			: `${"-".repeat(Math.max(2, heading.length - 1))}:`,
	);
	const escaped = [headings, rule, ...rest].map((line) => line.map((cell) => cell.replaceAll("|", "\\|")));
	const bars = escaped.map((line) => line.flatMap((cell) => ["|", cell]).concat("|"));
	return layOut(
		bars,
		left.map((column) => 2 * column + 1),
		" ",
	);
}
