/** Scrolling a file line by line in vim: a key that changes every row. */

import { join } from "node:path";
import { cpuTime } from "../measure/proc.js";
import { between, seededRandom } from "../measure/random.js";
import { sleep } from "../measure/time.js";
import { scrollLine, VIM, VIM_LINES, writeScrollFile } from "../programs.js";
import { type Bench, Recorder, ratioAtMost, type Scenario } from "../scenario.js";
import { alternateSessions, withBoth } from "../session.js";

const KEYS_PER_ROUND = 25;
const SCROLL_DOWN = "\x05";
/** Beyond the echo acknowledgement and the frame interval of the key before. */
const GAP = [80, 120] as const;

const LATENCY = "vim: Ctrl-E to the new line";
const CPU = "vim: server CPU per key";
const BYTES = `vim: bytes to the client, ${KEYS_PER_ROUND} scrolls`;
const DATAGRAMS = `vim: datagrams to the client, ${KEYS_PER_ROUND} scrolls`;

async function run(bench: Bench) {
	const file = join(bench.scratch, "scroll.txt");
	writeScrollFile(file, 2000);
	const recorder = new Recorder();
	bench.progress("vim scroll");
	const program = [...VIM, file];
	await withBoth(bench, program, async (sessions) => {
		await sleep(1000);
		const rounds = bench.quick ? 1 : 12;
		await alternateSessions(bench, sessions, rounds + 1, async ({ client, server }, contestant, index) => {
			const random = seededRandom(index);
			const cpu = cpuTime(server.pid);
			const { bytesReceived, datagramsReceived } = client.traffic;
			const latencies: number[] = [];
			for (let key = 0; key < KEYS_PER_ROUND; key++) {
				const at = client.type(SCROLL_DOWN);
				const seen = client.see(scrollLine(index * KEYS_PER_ROUND + key + VIM_LINES));
				await sleep(between(random, ...GAP));
				latencies.push((await seen) - at);
			}
			await sleep(250);
			if (index === 0) {
				return;
			}
			recorder.add(LATENCY, contestant, ...latencies);
			recorder.add(CPU, contestant, (cpuTime(server.pid) - cpu) / KEYS_PER_ROUND);
			recorder.add(BYTES, contestant, client.traffic.bytesReceived - bytesReceived);
			recorder.add(DATAGRAMS, contestant, client.traffic.datagramsReceived - datagramsReceived);
		});
	});
	return [
		recorder.row(LATENCY, "ms", ratioAtMost(0.4), ratioAtMost(1, "p99")),
		recorder.row(CPU, "ms", ratioAtMost(2)),
		recorder.row(BYTES, "B", ratioAtMost(1.05, "mean")),
		recorder.row(DATAGRAMS, "", ratioAtMost(1.05, "mean")),
	];
}

export const vim: Scenario = { name: "vim", summary: "vim scroll: latency, CPU, bytes", run };
