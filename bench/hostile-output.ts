/**
 * Output made to stall a session, on the stock mosh-server and on ours, on a screen of the largest size: CPU time and
 * memory of each attack, with what the session costs without it taken off. `npx tsx bench/hostile-output.ts --help`
 */

import { parseArgs } from "node:util";
import { ATTACKS, flood } from "../test/support/hostile-output.js";
import { type Cost, costOf } from "../test/support/hostile-session.js";

const HELP = `usage: npx tsx bench/hostile-output.ts [--only TEXT]… [--kilobytes N] [--finals N] [--marked] [--list]

One line per attack: CPU time (ms) of ours and of the stock server, how many times the stock's that is, the same without
what a session costs that is fed nothing ("more"), and the resident memory gained at the end and at the most (MiB). A
mark stands before what takes more than 3 times the stock's CPU time, or more than 64 MiB.

  --only TEXT      only attacks whose names contain this; may be repeated
  --kilobytes N    fed to each (default 1000)
  --finals N       of the control sequences with extreme counts, so many in one session (default 16)
  --marked         only lines with a mark
  --list           name the attacks
`;

const SIZE = { columns: 1_000, rows: 500 };
const TIMES_STOCK = 3;
const MAX_GROWTH_MIB = 64;
/** Below this (ms) a ratio says nothing: the kernel counts in ticks of 10 ms. */
const NOTICEABLE_MS = 30;
const FIRST_FINAL = 0x40;
const LAST_FINAL = 0x7e;
const PREFIXES = ["", "?", ">", "="];
const COUNTS = ["999", "2147483647"];

interface Job {
	readonly name: string;
	readonly bytes: () => Uint8Array;
}

/** Each final has an equal share of the bytes, all in one piece, so that the worst of them sets the pace. */
function sequences(size: number, together: number): Job[] {
	const jobs: Job[] = [];
	for (const prefix of PREFIXES) {
		for (const count of COUNTS) {
			for (let first = FIRST_FINAL; first <= LAST_FINAL; first += together) {
				const finals = Array.from({ length: Math.min(together, LAST_FINAL + 1 - first) }, (_, index) =>
					String.fromCharCode(first + index),
				);
				const share = Math.ceil(size / finals.length);
				jobs.push({
					name: `CSI ${prefix}${count} ${finals[0]}${finals.length > 1 ? `-${finals.at(-1)}` : ""}`,
					bytes: () =>
						Buffer.concat(
							finals.map((final) => flood({ name: final, unit: `x\x1b[${prefix}${count}${final}` }, share)),
						),
				});
			}
		}
	}
	return jobs;
}

function options() {
	const { values } = parseArgs({
		options: {
			only: { type: "string", multiple: true, default: [] },
			kilobytes: { type: "string", default: "1000" },
			finals: { type: "string", default: "16" },
			marked: { type: "boolean", default: false },
			list: { type: "boolean", default: false },
			help: { type: "boolean", default: false },
		},
	});
	return values;
}

const mib = (kib: number): string => (kib / 1_024).toFixed(0);
const times = (ours: number, stock: number): string =>
	ours < NOTICEABLE_MS ? "-" : (ours / Math.max(stock, NOTICEABLE_MS)).toFixed(1);

async function main(): Promise<void> {
	const { only, kilobytes, finals, marked, list, help } = options();
	if (help) {
		process.stdout.write(HELP);
		return;
	}
	const size = Number(kilobytes) * 1_000;
	const jobs = [
		...ATTACKS.map((attack) => ({ name: attack.name, bytes: () => flood(attack, size) })),
		...sequences(size, Number(finals)),
	].filter(({ name }) => only.length === 0 || only.some((text) => name.includes(text)));
	if (list) {
		process.stdout.write(jobs.map(({ name }) => `${name}\n`).join(""));
		return;
	}
	const measure = async (bytes: Uint8Array): Promise<{ ours: Cost; stock: Cost }> => ({
		stock: await costOf("stock", bytes, SIZE),
		ours: await costOf("ours", bytes, SIZE),
	});
	const columns = ["ours", "stock", "times", "more", "stock", "times", "MiB", "most", "stock"];
	process.stdout.write(`${"".padEnd(32)}${columns.map((name) => name.padStart(7)).join("")}\n`);
	const idle = await measure(new Uint8Array());
	report("nothing", idle.ours, idle.stock);
	for (const { name, bytes } of jobs) {
		const { ours, stock } = await measure(bytes());
		report(name, ours, stock);
	}

	function report(name: string, ours: Cost, stock: Cost): void {
		const more = Math.max(0, ours.cpu - idle.ours.cpu);
		const stockMore = Math.max(0, stock.cpu - idle.stock.cpu);
		const slow = more > TIMES_STOCK * Math.max(stockMore, NOTICEABLE_MS);
		const large = ours.peak > MAX_GROWTH_MIB * 1_024;
		if (marked && !slow && !large) return;
		const figures = [
			...[ours.cpu, stock.cpu, times(ours.cpu, stock.cpu)],
			...[more, stockMore, times(more, stockMore)],
			...[mib(ours.growth), mib(ours.peak), mib(stock.peak)],
		];
		const mark = slow || large ? "! " : "  ";
		process.stdout.write(
			`${(mark + name).padEnd(32)}${figures.map((figure) => String(figure).padStart(7)).join("")}\n`,
		);
	}
}

await main();
