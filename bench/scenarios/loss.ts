/** The table of the Mosh paper (Winstein and Balakrishnan, 2012): 29 % loss each way, 100 ms round trip. */

import { LossyLink } from "../client/link.js";
import { seededRandom } from "../measure/random.js";
import { sleep } from "../measure/time.js";
import { LINE_DISCIPLINE } from "../programs.js";
import { type Bench, Recorder, ratioAtMost, type Scenario } from "../scenario.js";
import type { Contestant } from "../servers.js";
import { withSession } from "../session.js";
import { typeKeys } from "../typing.js";

const LOSS = 0.29;
const ONE_WAY = 50;
const SESSIONS = 4;
const OUTAGE = 3000;
/** Many retransmission timeouts (each at most 1 s). */
const ECHO_LIMIT = 60_000;

const LOSSY = "key to echo, 29 % loss each way, 100 ms";
const RECOVERY = `echo after ${OUTAGE / 1000} s without network, 100 ms`;

/** Loss seeds the same session of both contestants alike. All sessions run at once: they leave the CPU idle. */
async function lossySession(
	bench: Bench,
	recorder: Recorder,
	contestant: Contestant,
	seed: number,
): Promise<void> {
	const link = new LossyLink(ONE_WAY, seed);
	await withSession(contestant, LINE_DISCIPLINE, { link }, async ({ client }) => {
		await sleep(1500);
		await typeKeys(client, 3, { gap: [200, 300], random: seededRandom(seed) });
		link.loss = LOSS;
		const rhythm = { gap: [150, 350], random: seededRandom(seed), limit: ECHO_LIMIT } as const;
		const latencies = await typeKeys(client, bench.quick ? 40 : 120, rhythm);
		recorder.add(LOSSY, contestant, ...latencies);
		link.loss = 0;
		await sleep(2000);
		for (let outage = 0; outage < (bench.quick ? 1 : 3); outage++) {
			link.loss = 1;
			await sleep(OUTAGE / 2);
			client.type("!");
			const seen = client.see("!");
			await sleep(OUTAGE / 2);
			const restored = performance.now();
			link.loss = 0;
			recorder.add(RECOVERY, contestant, (await seen) - restored);
			client.type("\x15");
			await sleep(1000);
		}
	});
}

async function run(bench: Bench) {
	const recorder = new Recorder();
	bench.progress(LOSSY);
	const seeds = Array.from({ length: SESSIONS }, (_, index) => index + 1);
	await Promise.all(
		seeds.flatMap((seed) =>
			bench.contestants.map((contestant) => lossySession(bench, recorder, contestant, seed)),
		),
	);
	return [
		recorder.row(LOSSY, "ms", ratioAtMost(1), ratioAtMost(1, "p99"), ratioAtMost(1, "mean")),
		recorder.row(RECOVERY, "ms", ratioAtMost(1)),
	];
}

export const loss: Scenario = {
	name: "loss",
	summary: "keystroke response under loss, recovery after an outage",
	run,
};
