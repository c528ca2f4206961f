/**
 * Port-seconds open without a living server: measured over a day of logins compressed to less than a minute, and
 * computed over a whole day from delays measured in the same run. The same computation over the compressed day stands
 * beside its measurement, so that it can be judged.
 */

import { type Random, seededRandom } from "../measure/random.js";
import { quantile } from "../measure/stats.js";
import { killToClosed } from "./closing.js";
import {
	DAY_S,
	deadSeconds,
	type Interval,
	openByGuard,
	openByRange,
	openByScript,
	randomDay,
	type ScriptDelays,
	type Session,
} from "./day.js";
import { UFW } from "./firewalls.js";
import type { GuardBench, GuardGroup, GuardRow } from "./group.js";
import { GuardHost } from "./host.js";
import { watchOpening } from "./opening.js";
import { liveDay, type Strategy, scriptRuns } from "./real-day.js";

/** The usual advice: "open 60000:61000/udp". */
const RANGE_PORTS = 1001;
const LOGINS = 200;
const CRON_S = 60;
/** Cron cannot be compressed as far as the day: the script itself takes a good part of a second. */
const COMPRESSED = { length: 40, logins: 40, cron: 5 } as const;
const QUICK = { length: 15, logins: 15, cron: 5 } as const;

const NAMES: Record<Strategy, string> = {
	range: "range rule",
	login: "script at each login",
	cron: "script by cron",
	guard: "mosh-portguard",
};

interface Delays {
	/** Seconds. */
	readonly open: readonly number[];
	readonly close: readonly number[];
	readonly script: ScriptDelays;
}

async function measureDelays(rounds: number): Promise<Delays> {
	const { idle, opening } = await scriptRuns(rounds);
	const look = median(idle) / 1000;
	const host = await GuardHost.start(UFW);
	try {
		await host.startGuard();
		const open: number[] = [];
		const close: number[] = [];
		for (let round = 0; round < rounds; round++) {
			open.push((await watchOpening(host, host.nextPort())) / 1000);
			close.push((await killToClosed(host)) / 1000);
		}
		return { open, close, script: { look, change: median(opening) / 1000 - look } };
	} finally {
		await host.remove();
	}
}

function median(samples: readonly number[]): number {
	return quantile(
		[...samples].sort((a, b) => a - b),
		0.5,
	);
}

interface Span {
	readonly length: number;
	readonly cron: number;
	readonly rangePorts: number;
}

function compute(strategy: Strategy, sessions: readonly Session[], delays: Delays, span: Span): number {
	const { length, cron } = span;
	const random = seededRandom(1);
	const times = {
		login: sessions.map(({ start }) => start),
		cron: Array.from({ length: Math.floor(length / cron) }, (_, index) => (index + 1) * cron),
	};
	let open: Interval[];
	if (strategy === "range") {
		open = openByRange(span.rangePorts, length);
	} else if (strategy === "guard") {
		open = openByGuard(sessions, drawn(random, delays.open), drawn(random, delays.close));
	} else {
		open = openByScript(sessions, times[strategy], delays.script, length);
	}
	return deadSeconds(open, sessions, length);
}

function drawn(random: Random, samples: readonly number[]): () => number {
	return () => samples[Math.floor(random() * samples.length)] as number;
}

async function run(bench: GuardBench): Promise<readonly GuardRow[]> {
	bench.progress("guard: delays for the day");
	const delays = await measureDelays(bench.quick ? 4 : 12);
	const { length, logins, cron } = bench.quick ? QUICK : COMPRESSED;
	const short = randomDay(seededRandom(1), logins, length);
	const rangePorts = new Set(short.map(({ port }) => port)).size;
	const rows: GuardRow[] = [];
	for (const strategy of Object.keys(NAMES) as Strategy[]) {
		bench.progress(`guard: a day in ${length} s, ${NAMES[strategy]}`);
		const seen = await liveDay({ strategy, sessions: short, length, cron });
		const expected = compute(strategy, short, delays, { length, cron, rangePorts });
		const what = `${NAMES[strategy]}: dead port-seconds, ${logins} logins in ${length} s`;
		rows.push({ name: `${what}, measured`, unit: "s", samples: [seen] });
		rows.push({ name: `${what}, computed`, unit: "s", samples: [expected] });
	}
	for (const strategy of Object.keys(NAMES) as Strategy[]) {
		const span = { length: DAY_S, cron: CRON_S, rangePorts: RANGE_PORTS };
		const days = Array.from({ length: 20 }, (_, index) =>
			compute(strategy, randomDay(seededRandom(100 + index), LOGINS), delays, span),
		);
		rows.push({
			name: `${NAMES[strategy]}: dead port-seconds, ${LOGINS} logins in a day, computed`,
			unit: "s",
			samples: days,
		});
	}
	return rows;
}

export const days: GuardGroup = {
	name: "guard-day",
	summary: "guard: port-seconds open without a server, beside the range rule and the script",
	tools: [...UFW.tools, "strace", "mosh-server", "lsof"],
	run,
};
