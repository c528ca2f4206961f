/**
 * The benchmark: the stock mosh-server and ours measured side by side in one run (`npm run bench -- --help`).
 * Only ratios are worth quoting: the two alternate round by round, on the same machine, with the same client,
 * the same keys at the same times and the same losses. `--ours /usr/bin/mosh-server` shows how far from 1.00×
 * a ratio strays by chance. Missed targets do not fail the run; a measurement that cannot be made does.
 * To see where the time goes, add --cpu-prof and --cpu-prof-dir=DIR behind "$node" in bin/mosh-server and run one
 * group: each session leaves a profile when it ends.
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release, tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { GUARD_GROUPS, runGuardGroups } from "./guard/groups.js";
import { guardTable } from "./guard/report.js";
import { SlowGroups } from "./measure/slow.js";
import { page, type Run } from "./page.js";
import { type ReportRow, reportRow, table } from "./report.js";
import type { Bench } from "./scenario.js";
import { attach } from "./scenarios/attach.js";
import { cold } from "./scenarios/cold.js";
import { flood } from "./scenarios/flood.js";
import { idle } from "./scenarios/idle.js";
import { keystroke } from "./scenarios/keystroke.js";
import { loss } from "./scenarios/loss.js";
import { scrollback } from "./scenarios/scrollback.js";
import { start } from "./scenarios/start.js";
import { stockClient } from "./scenarios/stock-client.js";
import { traffic } from "./scenarios/traffic.js";
import { vim } from "./scenarios/vim.js";
import { killAllServers } from "./servers.js";

const SCENARIOS = [keystroke, vim, traffic, flood, start, cold, attach, idle, loss, scrollback, stockClient];
const OURS = join(dirname(fileURLToPath(import.meta.url)), "..", "bin", "mosh-server");

const HELP = `usage: npm run bench -- [--quick] [--slow] [--only NAME]… [--json FILE] [--markdown FILE]
                         [--stock PATH] [--ours PATH] [--list]

Measures the stock mosh-server and ours in one run and prints, row by row, median and p99 of both, the ratios
ours / stock, and the project's targets; then the guard on every firewall, in hosts made of namespaces, beside the
script everyone uses. About 80 minutes; needs bash, vim, a quiet machine and, for the guard, root, strace, lsof and the
firewalls.

  --quick       fewer rounds, about 30 minutes
  --slow        with a quarter of a processor for each mosh-server and the programs of its session (a control group);
                without the guard
  --only NAME   only this group of rows; may be repeated
  --json FILE   also write all figures as JSON; - is standard output, instead of the table
  --markdown FILE
                also write them as a page, which docs/performance.md is
  --join FILE   the page shows these figures of an earlier --json too, before its own; may be repeated
  --stock PATH  default /usr/bin/mosh-server
  --ours PATH   default bin/mosh-server of this checkout
  --list        name the groups

Exit status: 0 when everything could be measured, targets met or not; 1 otherwise; 2 for a wrong option.
`;

function options() {
	const { values } = parseArgs({
		options: {
			quick: { type: "boolean", default: false },
			slow: { type: "boolean", default: false },
			only: { type: "string", multiple: true, default: [] },
			json: { type: "string" },
			markdown: { type: "string" },
			join: { type: "string", multiple: true, default: [] },
			stock: { type: "string", default: "/usr/bin/mosh-server" },
			ours: { type: "string", default: OURS },
			list: { type: "boolean", default: false },
			help: { type: "boolean", short: "h", default: false },
		},
	});
	const groups = [...SCENARIOS, ...GUARD_GROUPS];
	const unknown = values.only.find((name) => groups.every((group) => group.name !== name));
	if (unknown !== undefined) {
		throw new TypeError(`no group of rows is called ${unknown}`);
	}
	return values;
}

function parseOptions(): ReturnType<typeof options> {
	try {
		return options();
	} catch (error) {
		process.stderr.write(`bench: ${(error as Error).message}\n\n${HELP}`);
		process.exit(2);
	}
}

async function main(): Promise<void> {
	const { quick, slow, only, json, markdown, join: joined, stock, ours, list, help } = parseOptions();
	if (help || list) {
		const names = [...SCENARIOS, ...GUARD_GROUPS].map(
			({ name, summary }) => `${name.padEnd(14)}${summary}\n`,
		);
		process.stdout.write(help ? HELP : names.join(""));
		return;
	}
	const scratch = mkdtempSync(join(tmpdir(), "mosh-bench-"));
	const groups = new SlowGroups();
	const within = slow ? () => groups.enter() : undefined;
	process.once("exit", () => {
		killAllServers();
		groups.remove();
		rmSync(scratch, { recursive: true, force: true });
	});
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
		process.once(signal, () => process.exit(1));
	}

	const bench: Bench = {
		contestants: [
			{ name: "stock", command: resolve(stock), within },
			{ name: "ours", command: resolve(ours), within },
		],
		quick,
		scratch,
		progress: (text) => process.stderr.write(`… ${text}\n`),
	};
	const [loadBefore = 0] = loadavg();
	const rows: ReportRow[] = [];
	for (const scenario of SCENARIOS) {
		if (only.length > 0 && !only.includes(scenario.name)) {
			continue;
		}
		try {
			rows.push(...(await scenario.run(bench)).map(reportRow));
		} catch (error) {
			process.exitCode = 1;
			killAllServers();
			process.stderr.write(`bench: ${scenario.name} could not be measured: ${(error as Error).stack}\n`);
		}
	}
	const guard = slow ? [] : await runGuardGroups({ quick, progress: bench.progress }, only);
	if (json !== "-") {
		if (rows.length > 0) {
			process.stdout.write(`${table(rows)}\n`);
		}
		if (guard.length > 0) {
			process.stdout.write(`${guardTable(guard)}\n`);
		}
	}
	const [loadAfter = 0] = loadavg();
	const run: Run = {
		circumstances: {
			node: process.version,
			cpu: cpus()[0]?.model ?? "unknown",
			cores: cpus().length,
			kernel: release(),
			date: new Date().toISOString().slice(0, 10),
			words: process.argv.slice(2),
			load: [loadBefore, loadAfter],
		},
		rows,
		guard,
	};
	if (markdown !== undefined) {
		const earlier = joined.map((file): Run => JSON.parse(readFileSync(file, "utf8")));
		writeFileSync(markdown, page([...earlier, run]));
	}
	if (json !== undefined) {
		const text = `${JSON.stringify(run, undefined, "\t")}\n`;
		if (json === "-") {
			process.stdout.write(text);
		} else {
			writeFileSync(json, text);
		}
	}
}

await main();
