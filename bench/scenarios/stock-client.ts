/** Cross-check with the real mosh-client on a pty, prediction off: the echo as it reaches the user's terminal. */

import { type IPty, spawn } from "node-pty";
import { printedText } from "../client/text.js";
import { between, seededRandom } from "../measure/random.js";
import { sleep, within } from "../measure/time.js";
import { LINE_DISCIPLINE } from "../programs.js";
import { alternate, type Bench, Recorder, ratioAtMost, type Scenario } from "../scenario.js";
import { startServer } from "../servers.js";

const ROW = "stock mosh-client on a pty: tty echo";
const CLIENT = "/usr/bin/mosh-client";
const KEYS = "abcdefghijklmnopqrstuvwxyz";
const GAP = [60, 120] as const;

/** Types every letter once; milliseconds from each to its appearance. */
async function typeLetters(client: IPty, seed: number): Promise<number[]> {
	const random = seededRandom(seed);
	const latencies: number[] = [];
	for (const key of KEYS) {
		const shown = new Promise<number>((resolve) => {
			const listener = client.onData((data) => {
				if (!printedText(data).includes(key)) {
					return;
				}
				listener.dispose();
				resolve(performance.now());
			});
		});
		const at = performance.now();
		client.write(key);
		await sleep(between(random, ...GAP));
		latencies.push((await within(5000, `echo of ${key}`, shown)) - at);
	}
	return latencies;
}

async function run(bench: Bench) {
	const recorder = new Recorder();
	bench.progress(ROW);
	await alternate(bench, bench.quick ? 2 : 8, async (contestant, round) => {
		const server = await startServer(contestant, LINE_DISCIPLINE);
		const client = spawn(CLIENT, ["127.0.0.1", String(server.port)], {
			cols: 80,
			rows: 24,
			env: {
				TERM: "xterm-256color",
				LC_ALL: "C.UTF-8",
				MOSH_KEY: server.key,
				MOSH_PREDICTION_DISPLAY: "never",
				MOSH_TITLE_NOPREFIX: "1",
			},
		});
		try {
			await sleep(800);
			recorder.add(ROW, contestant, ...(await typeLetters(client, round)));
		} finally {
			await server.stop();
			client.kill("SIGKILL");
		}
	});
	return [recorder.row(ROW, "ms", ratioAtMost(0.35), ratioAtMost(1, "p99"))];
}

export const stockClient: Scenario = {
	name: "stock-client",
	summary: "key to echo with the real mosh-client",
	run,
};
