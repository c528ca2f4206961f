/**
 * Getting a session back, beside what the stock server has instead, a new one; and what is left of a session whose program has ended
 * while its client is away: of the stock server for some seconds, of ours until the client has been told.
 */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { MeasuringClient } from "../client/client.js";
import { directLink } from "../client/link.js";
import { privateMemory } from "../measure/proc.js";
import { sleep } from "../measure/time.js";
import { colouredScreen, MARK, SHELL } from "../programs.js";
import { alternate, type Bench, Recorder, type Scenario } from "../scenario.js";
import {
	type Announcement,
	attachTo,
	type Contestant,
	type ContestantName,
	type RunningServer,
	startServer,
} from "../servers.js";

const SESSIONS = 10;
const NEW = "`new` to the prompt";
const WHOLE = "attach to the whole screen (stock: `new` to the prompt)";
const SESSION = `private memory, ${SESSIONS} sessions after 2000 lines`;
const FAREWELL = "private memory of these, program ended, client away";

/** Draws a screen of its own, the mark last, and stays. */
const DRAWN = [
	...["sh", "-c", 'stty -echo; printf %s "$0"; exec sleep 1000'],
	`${colouredScreen(1)}\x1b[24;1H${MARK}`,
];
/** What starts leave behind is over (ms). */
const SETTLE = 10_000;
/** After the program's end (ms): while the stock server still waits, and when ours has given up all that it can. */
const LEFT_AFTER = { stock: 1_000, ours: 15_000 } as const;

/** A client that has seen the mark, and how long (ms) after `began`. */
async function seen({ port, key }: Announcement, began: number) {
	const client = await MeasuringClient.connect(port, key, directLink, (text) => text.includes(MARK));
	return { client, took: performance.now() - began };
}

async function times(bench: Bench, recorder: Recorder): Promise<void> {
	await alternate(bench, bench.quick ? 10 : 30, async (contestant) => {
		const isOurs = contestant.name === "ours";
		const began = performance.now();
		const server = await startServer(contestant, SHELL);
		const { client, took } = await seen(server, began);
		recorder.add(NEW, contestant, took);
		if (!isOurs) {
			recorder.add(WHOLE, contestant, took);
		}
		await client.close();
		await server.stop();
		if (isOurs) {
			recorder.add(WHOLE, contestant, await attached(contestant));
		}
	});
}

/** Milliseconds from the start of the asking process to the sight of a screen that was drawn before. */
async function attached(contestant: Contestant): Promise<number> {
	const server = await startServer(contestant, DRAWN);
	const { client: before } = await seen(server, 0);
	before.vanish();
	const began = performance.now();
	const { client, took } = await seen(await attachTo(contestant, server.pid), began);
	await client.close();
	await server.stop();
	return took;
}

/** All at once, as on a host whose network was away. */
async function memory(bench: Bench, recorder: Recorder): Promise<void> {
	const end = join(bench.scratch, "end");
	const program = `seq 2000; printf '${MARK}'; until [ -e '${end}' ]; do sleep 0.3; done`;
	const open: { readonly contestant: Contestant; readonly server: RunningServer }[] = [];
	try {
		for (let index = 0; index < SESSIONS; index++) {
			for (const contestant of bench.contestants) {
				const server = await startServer(contestant, ["sh", "-c", program]);
				open.push({ contestant, server });
				const { client } = await seen(server, 0);
				client.vanish();
			}
		}
		await sleep(SETTLE);
		const read = (row: string, name?: ContestantName): void => {
			for (const { contestant, server } of open) {
				if (name === undefined || contestant.name === name) {
					recorder.add(row, contestant, privateMemory(server.pid));
				}
			}
		};
		read(SESSION);
		writeFileSync(end, "");
		await sleep(LEFT_AFTER.stock);
		read(FAREWELL, "stock");
		await sleep(LEFT_AFTER.ours - LEFT_AFTER.stock);
		read(FAREWELL, "ours");
	} finally {
		await Promise.all(open.map(({ server }) => server.stop()));
	}
}

async function run(bench: Bench) {
	const recorder = new Recorder();
	bench.progress(`${NEW}, ${WHOLE}`);
	await times(bench, recorder);
	bench.progress(FAREWELL);
	await memory(bench, recorder);
	return [
		recorder.row(NEW, "ms"),
		recorder.row(WHOLE, "ms"),
		recorder.row(SESSION, "MiB"),
		recorder.row(FAREWELL, "MiB"),
	];
}

export const attach: Scenario = {
	name: "attach",
	summary: "a session had back beside a new one; memory of one that waits to tell its client of the end",
	run,
};
