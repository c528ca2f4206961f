/** Bind → open and SIGKILL → closed on every firewall, for the stock server by watch and for a report. */

import { labMissing } from "../../test/lab/hosts.js";
import { sleep } from "../measure/time.js";
import { valueAtMost } from "../scenario.js";
import { killToClosed } from "./closing.js";
import { FIREWALLS, type LabFirewall, UFW } from "./firewalls.js";
import type { GuardBench, GuardGroup, GuardRow } from "./group.js";
import { GuardHost, RIVAL } from "./host.js";
import { reportOpening, watchOpening } from "./opening.js";

/** Target for the median from SIGKILL to closed, in milliseconds; those for opening are in firewalls.ts. */
const CLOSE_LIMIT = 50;
/** The close of the round before is over. */
const BETWEEN = 120;

async function measure(bench: GuardBench, firewall: LabFirewall): Promise<GuardRow[]> {
	const host = await GuardHost.start(firewall);
	try {
		await host.startGuard();
		const watched: number[] = [];
		const answered: number[] = [];
		const reported: number[] = [];
		const closed: number[] = [];
		const rounds = bench.quick ? 10 : 60;
		// Round 0 warms up and is not counted.
		for (let round = 0; round <= rounds; round++) {
			const open = await watchOpening(host, host.nextPort());
			await sleep(BETWEEN);
			const report = await reportOpening(host, host.nextPort());
			await sleep(BETWEEN);
			const close = round % 2 === 0 ? await killToClosed(host) : undefined;
			if (round === 0) {
				continue;
			}
			watched.push(open);
			answered.push(report.answered);
			reported.push(report.passed);
			if (close !== undefined) {
				closed.push(close);
			}
		}
		const { name, openLimits } = firewall;
		return [
			{
				name: `${name}: bind → open, stock server`,
				unit: "ms",
				samples: watched,
				target: valueAtMost(openLimits.watch),
			},
			{
				name: `${name}: bind → open, report`,
				unit: "ms",
				samples: reported,
				target: valueAtMost(openLimits.report),
			},
			{ name: `${name}: bind → answer to the report`, unit: "ms", samples: answered },
			{
				name: `${name}: SIGKILL → closed`,
				unit: "ms",
				samples: closed,
				target: valueAtMost(CLOSE_LIMIT),
			},
		];
	} finally {
		await host.remove();
	}
}

/** The script, started at the moment the server says MOSH CONNECT: in a .bashrc it comes earlier and finds nothing. */
async function measureRival(bench: GuardBench): Promise<GuardRow> {
	const host = await GuardHost.start(UFW);
	try {
		const samples: number[] = [];
		for (let round = 0; round < (bench.quick ? 4 : 15); round++) {
			let script: Promise<void> | undefined;
			samples.push(
				await watchOpening(host, host.nextPort(), () => {
					script = host.run(RIVAL);
				}),
			);
			await script;
			await host.run(RIVAL);
		}
		return { name: "script (lsof and ufw): bind → open", unit: "ms", samples };
	} finally {
		await host.remove();
	}
}

async function run(bench: GuardBench): Promise<readonly GuardRow[]> {
	const rows: GuardRow[] = [];
	for (const firewall of FIREWALLS) {
		bench.progress(`guard: ${firewall.name}`);
		const missing = await labMissing(...firewall.tools);
		if (missing === undefined) {
			rows.push(...(await measure(bench, firewall)));
		} else {
			bench.progress(`guard: ${firewall.name} left out: ${missing}`);
		}
	}
	bench.progress("guard: the script everyone uses");
	if ((await labMissing(...UFW.tools, "lsof")) === undefined) {
		rows.push(await measureRival(bench));
	}
	return rows;
}

export const delays: GuardGroup = {
	name: "guard-delays",
	summary: "guard: bind to open and SIGKILL to closed on every firewall",
	tools: ["strace", "mosh-server"],
	run,
};
