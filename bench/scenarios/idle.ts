/** Ten sessions of each at a prompt, clients attached, nobody typing: private memory and CPU. */

import { cpuTime, privateMemory } from "../measure/proc.js";
import { sleep } from "../measure/time.js";
import { SHELL } from "../programs.js";
import { type Bench, Recorder, ratioAtMost, type Scenario, valueAtMost } from "../scenario.js";
import type { Contestant } from "../servers.js";
import { openSession, type Session } from "../session.js";

const SESSIONS = 10;
/** What a start leaves behind is over: garbage is collected after 9 s, and what V8 frees by that is given back 12 s later (ms). */
const SETTLE = 25_000;
const MEMORY = `private memory, idle, ${SESSIONS} sessions`;
const CPU = "idle CPU";

async function run(bench: Bench) {
	const recorder = new Recorder();
	const seconds = bench.quick ? 20 : 60;
	bench.progress(`${SESSIONS} idle sessions each, ${seconds} s`);
	const open: { readonly contestant: Contestant; readonly session: Session }[] = [];
	try {
		for (let index = 0; index < SESSIONS; index++) {
			for (const contestant of bench.contestants) {
				open.push({ contestant, session: await openSession(contestant, SHELL) });
			}
		}
		await sleep(SETTLE);
		const before = open.map(({ session }) => ({ cpu: cpuTime(session.server.pid), at: performance.now() }));
		await sleep(seconds * 1000);
		open.forEach(({ contestant, session }, index) => {
			const { cpu = 0, at = 0 } = before[index] ?? {};
			const microseconds = (cpuTime(session.server.pid) - cpu) * 1000;
			recorder.add(CPU, contestant, microseconds / ((performance.now() - at) / 1000));
			recorder.add(MEMORY, contestant, privateMemory(session.server.pid));
		});
	} finally {
		await Promise.all(open.map(({ session }) => session.close()));
	}
	return [recorder.row(MEMORY, "MiB", valueAtMost(10)), recorder.row(CPU, "µs/s", ratioAtMost(4))];
}

export const idle: Scenario = { name: "idle", summary: "memory and CPU of ten idle sessions", run };
