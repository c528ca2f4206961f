/** What the guard costs: CPU time idle and per login beside 1, 100 and 1000 sessions, and memory. */

import { SWEEP_MS } from "../../src/guard/guard.js";
import { labMissing } from "../../test/lab/hosts.js";
import { summarise } from "../measure/stats.js";
import { sleep } from "../measure/time.js";
import { valueAtMost } from "../scenario.js";
import { guardCpu, guardMemory } from "./cpu.js";
import { IPTABLES, type LabFirewall, NFTABLES } from "./firewalls.js";
import type { GuardBench, GuardGroup, GuardRow } from "./group.js";
import { GuardHost } from "./host.js";
import { watchOpening } from "./opening.js";

const SESSIONS = [1, 100, 1000] as const;
/** Targets the project set itself: idle CPU time in percent of a core beside 100 sessions, resident memory in MiB. */
const IDLE_LIMIT = 0.05;
/** CPU time of the guard and its commands per login and logout (ms). */
const LOGIN_LIMIT = 10;
const MEMORY_LIMIT = 60;
/** Flat: what more sessions add may not exceed what chance adds between two runs. */
const FLAT = { cpu: 1.2, opening: 1.3 } as const;
/** After the sessions were opened. */
const SETTLE = 3000;
const BETWEEN = 150;

export async function perLogin(bench: GuardBench, host: GuardHost, pid: number) {
	const rounds = bench.quick ? 3 : 5;
	const logins = bench.quick ? 5 : 10;
	const own: number[] = [];
	const started: number[] = [];
	for (let round = 0; round < rounds; round++) {
		const before = guardCpu(pid);
		for (let login = 0; login < logins; login++) {
			const server = await host.serve(host.nextPort());
			await sleep(BETWEEN);
			host.end(server);
			await sleep(BETWEEN);
		}
		const after = guardCpu(pid);
		own.push((after.own - before.own) / logins);
		started.push((after.started - before.started) / logins);
	}
	return { own, started };
}

async function measure(bench: GuardBench, firewall: LabFirewall): Promise<GuardRow[]> {
	const host = await GuardHost.start(firewall);
	const rows: GuardRow[] = [];
	const add = (name: string, unit: string, samples: readonly number[], target?: GuardRow["target"]) =>
		rows.push({
			name: `${firewall.name}: ${name}`,
			unit,
			samples,
			...(target === undefined ? {} : { target }),
		});
	try {
		await host.startGuard();
		const pid = await host.guardPid();
		const flatness = flat();
		for (const count of SESSIONS) {
			bench.progress(`guard: ${firewall.name}, ${count} sessions`);
			const end = await host.stand(count);
			await sleep(SETTLE);
			const beside = `beside ${count} session${count > 1 ? "s" : ""}`;
			if (count === 100) {
				add("CPU idle, 100 sessions", "%", await idle(bench, pid), valueAtMost(IDLE_LIMIT, "mean"));
			}
			const { own, started } = await perLogin(bench, host, pid);
			const together = own.map((ms, round) => ms + (started[round] ?? 0));
			add(
				`CPU of both per login and logout ${beside}`,
				"ms",
				together,
				flatness("cpu", together) ?? valueAtMost(LOGIN_LIMIT),
			);
			add(`guard's CPU per login and logout ${beside}`, "ms", own);
			add(`its commands' CPU per login and logout ${beside}`, "ms", started);
			const opened: number[] = [];
			for (let round = 0; round < (bench.quick ? 5 : 20); round++) {
				opened.push(await watchOpening(host, host.nextPort()));
				await sleep(BETWEEN);
			}
			add(`bind → open ${beside}`, "ms", opened, flatness("opening", opened));
			const { resident, ours } = guardMemory(pid);
			add(`resident memory, ${count} sessions`, "MiB", [resident], valueAtMost(MEMORY_LIMIT));
			add(`private memory with its commands, ${count} sessions`, "MiB", [ours]);
			end();
			await sleep(SETTLE);
		}
		return rows;
	} finally {
		await host.remove();
	}
}

/** The target of a figure beside more sessions, from the same figure beside the fewest. */
function flat() {
	const first = new Map<string, number>();
	return (figure: keyof typeof FLAT, samples: readonly number[]) => {
		const known = first.get(figure);
		if (known === undefined) {
			first.set(figure, summarise(samples).median);
		}
		return known === undefined ? undefined : valueAtMost(Math.round(known * FLAT[figure] * 10) / 10);
	};
}

/**
 * Percent of a core, with the commands it starts. Each span holds one sweep, which is nearly all it does; one in five does more, and the
 * first, which still has to do with the start, is not counted.
 */
async function idle(bench: GuardBench, pid: number): Promise<number[]> {
	const samples: number[] = [];
	await sleep(SWEEP_MS);
	for (let span = 0; span < (bench.quick ? 1 : 5); span++) {
		const before = guardCpu(pid);
		const since = performance.now();
		await sleep(SWEEP_MS);
		const after = guardCpu(pid);
		const spent = after.own - before.own + after.started - before.started;
		samples.push((100 * spent) / (performance.now() - since));
	}
	return samples;
}

async function run(bench: GuardBench): Promise<readonly GuardRow[]> {
	const rows: GuardRow[] = [];
	for (const firewall of [NFTABLES, IPTABLES]) {
		if ((await labMissing(...firewall.tools)) === undefined) {
			rows.push(...(await measure(bench, firewall)));
		}
	}
	return rows;
}

export const cost: GuardGroup = {
	name: "guard-cost",
	summary: "guard: CPU idle and per login beside 1, 100 and 1000 sessions, memory",
	tools: ["strace", "mosh-server", "perl"],
	run,
};
