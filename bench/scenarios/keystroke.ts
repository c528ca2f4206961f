/** From a key to its echo, nothing predicted, and what a key costs the server. */

import { cpuTime } from "../measure/proc.js";
import { seededRandom } from "../measure/random.js";
import { LINE_DISCIPLINE, SHELL } from "../programs.js";
import { type Bench, Recorder, ratioAtMost, type Scenario } from "../scenario.js";
import { alternateSessions, withBoth } from "../session.js";
import { typeKeys } from "../typing.js";

interface Variant {
	readonly name: string;
	readonly program: readonly string[];
	readonly gap: readonly [number, number];
	/** Rounds of 40 keys for each contestant, all and quick. */
	readonly rounds: readonly [number, number];
}

const KEYS_PER_ROUND = 40;

const VARIANTS: readonly Variant[] = [
	{
		name: "tty echo, keys 60–120 ms apart",
		program: LINE_DISCIPLINE,
		gap: [60, 120],
		rounds: [9, 1],
	},
	{
		name: "tty echo, keys 60 ms apart",
		program: LINE_DISCIPLINE,
		gap: [60, 60],
		rounds: [9, 1],
	},
	{
		name: "readline, keys 60–120 ms apart",
		program: SHELL,
		gap: [60, 120],
		rounds: [8, 1],
	},
];

const CPU = "server CPU per key";

async function run(bench: Bench) {
	const recorder = new Recorder();
	for (const variant of VARIANTS) {
		bench.progress(variant.name);
		await withBoth(bench, variant.program, async (sessions) => {
			const rounds = variant.rounds[bench.quick ? 1 : 0];
			// Round 0 warms both up and is not counted.
			await alternateSessions(bench, sessions, rounds + 1, async ({ client, server }, contestant, index) => {
				const before = cpuTime(server.pid);
				const rhythm = { gap: variant.gap, random: seededRandom(index) };
				const latencies = await typeKeys(client, KEYS_PER_ROUND, rhythm);
				if (index === 0) {
					return;
				}
				recorder.add(variant.name, contestant, ...latencies);
				recorder.add(CPU, contestant, (cpuTime(server.pid) - before) / KEYS_PER_ROUND);
			});
		});
	}
	return [
		...VARIANTS.map(({ name }) => recorder.row(name, "ms", ratioAtMost(0.35), ratioAtMost(1, "p99"))),
		recorder.row(CPU, "ms", ratioAtMost(2)),
	];
}

export const keystroke: Scenario = {
	name: "keystroke",
	summary: "key to echo without prediction, CPU per key",
	run,
};
