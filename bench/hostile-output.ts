/**
 * Output made to stall a session, on the stock mosh-server and on ours, on a screen of the largest size: CPU time and
 * memory of each attack, less what a session costs that is fed nothing. `npx tsx bench/hostile-output.ts --help`
 */

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { ATTACKS, type Attack, flood } from "../test/support/hostile-output.js";
import { type Cost, costOf } from "../test/support/hostile-session.js";
import { markdownTable } from "./page.js";

const HELP = `usage: npx tsx bench/hostile-output.ts [OPTION]…

One line per attack: CPU time (ms) of ours and of the stock server without what a session costs that is fed nothing, how
many times the stock's ours is, and the resident memory that ours and the stock gained at the most (MiB). The stock server
is stopped when it has taken twice as long (>). A mark stands before what takes more than 3 times the stock's CPU time, or
more than 64 MiB.

  --only TEXT      only attacks whose names contain this; may be repeated
  --kilobytes N    fed to each (default 4000)
  --again N        measure a line that gets a mark so many more times, and show the pair with the median ratio (default 2)
  --finals N       of the sequences with extreme counts, so many in one session (default 16)
  --marked         only lines with a mark
  --list           name the attacks
  --markdown FILE  also write a page, which docs/hostile-output.md is
`;

const SIZE = { columns: 1_000, rows: 500 };
const TIMES_STOCK = 3;
const MAX_GROWTH_MIB = 64;
/** Below this (ms) a ratio says nothing. */
const NOTICEABLE_MS = 30;
const LIMIT_MS = 110_000;

const PREFIXES = ["", "?", ">", "="];
const INTERMEDIATES = [" ", "!", '"', "$", "'", "*"];
const COUNTS = ["999", "2147483647"];
/** What the terminal is made to do while it gets every sequence. */
const SETTINGS: readonly (readonly [name: string, before: string])[] = [
	["in a region", "\x1b[2;499r\x1b[?6h"],
	["in insert mode", "\x1b[4h"],
	["in colours", "\x1b[1;4:3;38;2;1;2;3;48;5;200m"],
	["on the alternate screen", "\x1b[?1049h"],
];

interface Job {
	readonly name: string;
	readonly bytes: () => Uint8Array;
}

interface Result {
	readonly name: string;
	readonly ours: Cost;
	readonly stock: Cost;
}

const characters = (first: number, last: number): string[] =>
	Array.from({ length: last - first + 1 }, (_, index) => String.fromCharCode(first + index));
const CSI_FINALS = characters(0x40, 0x7e);
const ESCAPE_FINALS = characters(0x30, 0x7e).filter((final) => !"PX[]^_".includes(final));

/** Each has an equal share of the bytes, all in one piece, so that the worst of them sets the pace. */
function together(name: string, attacks: readonly Attack[], size: number): Job {
	const share = Math.ceil(size / attacks.length);
	return { name, bytes: () => Buffer.concat(attacks.map((attack) => flood(attack, share))) };
}

function groups<Item>(items: readonly Item[], size: number): Item[][] {
	const count = Math.ceil(items.length / size);
	return Array.from({ length: count }, (_, index) => items.slice(index * size, (index + 1) * size));
}

/** Every final of `opening`, so many in one session. */
function finals(opening: string, all: readonly string[], size: number, most: number, setting = ""): Job[] {
	const before = SETTINGS.find(([name]) => name === setting)?.[1] ?? "";
	const shown = opening.replace(/ $/, " SP").replace("\x1b[", "CSI ").replace("\x1b", "ESC ");
	return groups(all, most).map((group) => {
		const range = group.length > 1 ? `${group[0]}–${group.at(-1)}` : group[0];
		const attacks = group.map((final, index) => ({
			name: final,
			before: index === 0 ? before : "",
			unit: `x${opening}${final}`,
		}));
		return together(`${shown} ${range}${setting && ` ${setting}`}`.replace("  ", " "), attacks, size);
	});
}

function allJobs(size: number, most: number): Job[] {
	return [
		...ATTACKS.map((attack) => ({ name: attack.name, bytes: () => flood(attack, size) })),
		...COUNTS.flatMap((count) =>
			PREFIXES.flatMap((prefix) => finals(`\x1b[${prefix}${count}`, CSI_FINALS, size, most)),
		),
		...INTERMEDIATES.flatMap((intermediate) => finals(`\x1b[999${intermediate}`, CSI_FINALS, size, most)),
		...SETTINGS.flatMap(([setting]) => finals("\x1b[999", CSI_FINALS, size, most, setting)),
		...["", "#", "(", "%", " "].flatMap((intermediate) =>
			finals(`\x1b${intermediate}`, ESCAPE_FINALS, size, most),
		),
	];
}

function options() {
	const { values } = parseArgs({
		options: {
			only: { type: "string", multiple: true, default: [] },
			kilobytes: { type: "string", default: "4000" },
			again: { type: "string", default: "2" },
			finals: { type: "string", default: "16" },
			marked: { type: "boolean", default: false },
			list: { type: "boolean", default: false },
			markdown: { type: "string" },
			help: { type: "boolean", default: false },
		},
	});
	return values;
}

/** Ours first: the stock server need not finish once it has taken more. */
async function measure(name: string, bytes: Uint8Array): Promise<Result> {
	const ours = await costOf("ours", bytes, SIZE, { limitMs: LIMIT_MS });
	const enoughMs = Math.max(2 * ours.cpu, NOTICEABLE_MS);
	const stock = await costOf("stock", bytes, SIZE, { limitMs: LIMIT_MS, enoughMs });
	return { name, ours, stock };
}

/** What seems too much is measured `more` times again, since other work on the machine adds to any measurement. */
async function measureAgain(name: string, bytes: Uint8Array, idle: Result, more: number): Promise<Result> {
	const first = await measure(name, bytes);
	if (!figures(first, idle).bad) {
		return first;
	}
	const all = [first];
	for (let left = more; left > 0; left--) {
		all.push(await measure(name, bytes));
	}
	all.sort((one, other) => ratio(one, idle) - ratio(other, idle));
	return all[Math.floor(all.length / 2)] ?? first;
}

const ratio = ({ ours, stock }: Result, idle: Result): number =>
	beyond(ours, idle.ours) / Math.max(beyond(stock, idle.stock), NOTICEABLE_MS);

const mib = (kib: number): string => (kib / 1_024).toFixed(0);
const beyond = (cost: Cost, idle: Cost): number => Math.max(0, cost.cpu - idle.cpu);

function figures(
	{ name, ours, stock }: Result,
	idle: Result,
): { readonly cells: string[]; readonly bad: boolean } {
	const [mine, theirs] = [beyond(ours, idle.ours), beyond(stock, idle.stock)];
	const times = (mine / Math.max(theirs, NOTICEABLE_MS)).toFixed(1);
	const [least, most] = stock.complete ? ["", ""] : [">", "<"];
	const shown = mine < NOTICEABLE_MS ? "–" : most + times;
	const slow = mine > TIMES_STOCK * Math.max(theirs, NOTICEABLE_MS);
	return {
		cells: [name, mine.toFixed(0), least + theirs.toFixed(0), shown, mib(ours.peak), mib(stock.peak)],
		bad: slow || ours.peak > MAX_GROWTH_MIB * 1_024,
	};
}

const HEADINGS = ["attack", "ours", "stock", "times", "MiB", "stock"];

function page(kilobytes: string, most: string, idle: Result, results: readonly Result[]): string {
	const lines = results.map((result) => {
		const { cells, bad } = figures(result, idle);
		return bad ? [`**${cells[0]}**`, ...cells.slice(1)] : cells;
	});
	return `# Hostile output

Written by \`npx tsx bench/hostile-output.ts --finals ${most} --markdown docs/hostile-output.md\`: what ${kilobytes} kB of output crafted to
overload a session cost on a screen of ${SIZE.columns}×${SIZE.rows}. CPU time of our server and of the stock server in ms, less the ${idle.ours.cpu.toFixed(0)} and ${idle.stock.cpu.toFixed(0)} ms of a
session without output; their ratio (– below ${NOTICEABLE_MS} ms; anything below counts as that); the largest growth in memory, in MiB. A row
above 3 times is the median of several measurements. The stock server was stopped after twice our time (>). Ratios above ${TIMES_STOCK} and growth
above ${MAX_GROWTH_MIB} MiB are bold.

Contained is what V8 takes to compile the code that a session uses for the first time: 0.1 to 0.2 s of CPU time, once. With 1000 kB
that is up to half of our figure, and some ratios are above ${TIMES_STOCK}, 3.7 at the worst.

${markdownTable([HEADINGS, ...lines], [0])}
`;
}

async function main(): Promise<void> {
	const { only, kilobytes, again, finals: most, marked, list, markdown, help } = options();
	if (help) {
		process.stdout.write(HELP);
		return;
	}
	const jobs = allJobs(Number(kilobytes) * 1_000, Number(most)).filter(
		({ name }) => only.length === 0 || only.some((text) => name.includes(text)),
	);
	if (list) {
		process.stdout.write(jobs.map(({ name }) => `${name}\n`).join(""));
		return;
	}
	const print = ([name = "", ...cells]: readonly string[]): void => {
		process.stdout.write(`${name.padEnd(44)}${cells.map((cell) => cell.padStart(7)).join("")}\n`);
	};
	const idle = await measure("nothing", new Uint8Array());
	print(HEADINGS);
	print([
		"  nothing",
		idle.ours.cpu.toFixed(0),
		idle.stock.cpu.toFixed(0),
		"",
		mib(idle.ours.peak),
		mib(idle.stock.peak),
	]);
	const results: Result[] = [];
	for (const { name, bytes } of jobs) {
		const result = await measureAgain(name, bytes(), idle, Number(again));
		results.push(result);
		const { cells, bad } = figures(result, idle);
		if (bad || !marked) {
			print([`${bad ? "! " : "  "}${name}`, ...cells.slice(1)]);
		}
	}
	if (markdown !== undefined) {
		writeFileSync(markdown, page(kilobytes, most, idle, results));
	}
}

await main();
