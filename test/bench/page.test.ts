/** Figures as a page: the same that the terminal shows. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { guardReportRow } from "../../bench/guard/report.js";
import { markdownTable, page } from "../../bench/page.js";
import { reportRow } from "../../bench/report.js";

const CIRCUMSTANCES = {
	date: "2026-01-02",
	node: "v20.1.2",
	kernel: "6.1.0",
	cpu: "A CPU",
	cores: 2,
	words: ["--only", "idle"],
	load: [0.1, 0.25],
} as const;

test("a table for GitHub: numbers to the right, bars in a cell escaped", () => {
	assert.equal(
		markdownTable(
			[
				["", "p50"],
				["a | b", "1.00"],
			],
			[0],
		),
		["|        |  p50 |", "| ---    |  --: |", "| a \\| b | 1.00 |"].join("\n"),
	);
});

test("there is no multiple of nothing", () => {
	const row = reportRow({ name: "late answers", unit: "", samples: { stock: [0, 0], ours: [0, 1] } });
	const text = page([JSON.parse(JSON.stringify({ circumstances: CIRCUMSTANCES, rows: [row], guard: [] }))]);
	assert.match(text, /^\| late answers .*\| +– \| +– \| +– \| –/m);
});

test("a page has each row with its figures, misses included, and what it was measured on", () => {
	const row = reportRow({
		name: "CPU per key",
		unit: "ms",
		samples: { stock: [1, 1, 1], ours: [4, 4, 4] },
		targets: [{ of: "median", as: "ratio", bound: "at most", limit: 3 }],
	});
	const guard = guardReportRow({ name: "ufw: bind → open", unit: "ms", samples: [5, 5] });
	const earlier = { circumstances: { ...CIRCUMSTANCES, date: "2026-01-01" }, rows: [row], guard: [] };
	const text = page([earlier, { circumstances: CIRCUMSTANCES, rows: [], guard: [guard] }]);
	assert.match(text, /`npm run bench -- --only idle`\son 2026-01-01: /);
	assert.match(
		text,
		/2026-01-02: 2 cores of A CPU, Linux\s6\.1\.0, Node 20\.1\.2, load 0\.10 before and 0\.25 after/,
	);
	assert.match(text, /^\| CPU per key +\| ms +\| +3 \| .*4\.00× .*p50 ≤ 3× MISSED/m);
	assert.match(text, /^\| ufw: bind → open +\| ms +\| +2 \| +5\.00/m);
	assert.doesNotMatch(page([earlier]), /port guard/);
});
