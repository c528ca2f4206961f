/** A program that prints as fast as it can: throughput, CPU, memory afterwards, and the way out with Ctrl-C. */

import { rmSync } from "node:fs";
import { join } from "node:path";
import { cpuTime, privateMemory } from "../measure/proc.js";
import { between, seededRandom } from "../measure/random.js";
import { sleep } from "../measure/time.js";
import { type Flood, floodNames, MARK, onEnter, SHELL, writeFlood } from "../programs.js";
import {
	alternate,
	type Bench,
	Recorder,
	ratioAtLeast,
	ratioAtMost,
	type Scenario,
	valueAtMost,
} from "../scenario.js";
import { alternateSessions, withBoth, withSession } from "../session.js";

const CTRL_C = "Ctrl-C in a flood to the prompt";
const MEMORY = "private memory 10 s after a flood";
const GROWTH = "private memory 10 s after a flood, times that of before";
/** By then a session has given back what its beginning or the flood has left (ms). */
const CALM = 10_000;
const FLOOD_LIMIT = 60_000;

const speed = (flood: Flood): string => `cat, ${flood}`;
const cpu = (flood: Flood): string => `cat, ${flood}: server CPU`;

async function floodOnce(bench: Bench, recorder: Recorder, flood: Flood, file: string): Promise<void> {
	const bytes = writeFlood(file, flood, bench.quick ? 25 : 50);
	await alternate(bench, bench.quick ? 1 : 3, (contestant, round) =>
		withSession(contestant, onEnter(`cat ${file}`), {}, async ({ client, server }) => {
			// Once: it takes time.
			const weighs = round === 0;
			await sleep(weighs ? CALM : 300);
			const memoryBefore = privateMemory(server.pid);
			const before = cpuTime(server.pid);
			const begin = client.type("\r");
			const end = await client.see(MARK, FLOOD_LIMIT);
			recorder.add(speed(flood), contestant, bytes / 1e3 / (end - begin));
			recorder.add(cpu(flood), contestant, (cpuTime(server.pid) - before) / (bytes / 1e6));
			if (weighs) {
				await sleep(CALM);
				const memory = privateMemory(server.pid);
				recorder.add(MEMORY, contestant, memory);
				recorder.add(GROWTH, contestant, memory / memoryBefore);
			}
		}),
	);
}

async function interrupt(bench: Bench, recorder: Recorder, file: string): Promise<void> {
	writeFlood(file, "log lines", 50);
	await withBoth(bench, SHELL, async (sessions) => {
		await sleep(500);
		await alternateSessions(bench, sessions, bench.quick ? 3 : 15, async ({ client }, contestant, index) => {
			client.type(`cat ${`${file} `.repeat(8)}\r`);
			await sleep(between(seededRandom(index), 400, 800));
			const begin = client.type("\x03");
			recorder.add(CTRL_C, contestant, (await client.see(MARK)) - begin);
			await sleep(300);
		});
	});
}

async function run(bench: Bench) {
	const recorder = new Recorder();
	const file = join(bench.scratch, "flood.txt");
	for (const flood of floodNames) {
		bench.progress(speed(flood));
		await floodOnce(bench, recorder, flood, file);
	}
	bench.progress(CTRL_C);
	await interrupt(bench, recorder, file);
	rmSync(file);
	return [
		...floodNames.map((flood) => recorder.row(speed(flood), "MB/s", ratioAtLeast(2))),
		...floodNames.map((flood) => recorder.row(cpu(flood), "ms/MB", ratioAtMost(0.4))),
		recorder.row(CTRL_C, "ms", ratioAtMost(1)),
		recorder.row(MEMORY, "MiB"),
		recorder.row(GROWTH, "×", valueAtMost(1.5)),
	];
}

export const flood: Scenario = {
	name: "flood",
	summary: "50 MB of cat in five styles, Ctrl-C in a flood",
	run,
};
