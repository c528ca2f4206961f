/** Bytes (UDP payload) and datagrams to the client for fixed pieces of work. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { between, seededRandom } from "../measure/random.js";
import { sleep } from "../measure/time.js";
import { colouredScreen, LINE_DISCIPLINE, SHELL } from "../programs.js";
import { alternate, type Bench, Recorder, type Row, ratioAtMost, type Scenario } from "../scenario.js";
import type { Contestant } from "../servers.js";
import { type Session, withBoth, withSession } from "../session.js";

/** Everything delayed has gone out: echo acknowledgement, repeats, delayed acknowledgements. */
const SETTLE = 500;

interface Work {
	readonly name: string;
	readonly program: readonly string[];
	/** Rounds, all and quick. */
	readonly rounds: readonly [number, number];
	/** Bound of the ratio of the means: where a frame happens to end decides how much of the work it carries. */
	readonly limit: number;
	/** Both contestants at once: for slow work that leaves the machine idle. */
	readonly together?: boolean;
	/** Typed before counting begins. */
	readonly prepare?: string;
	work(session: Session, round: number): Promise<void>;
}

/** A short session at a shell: commands, corrections, completion, history. */
const TYPED = [
	"echo hello world\r",
	"cd /usr/share\x7f\x7f\x7f\x7f\x7flib\r",
	"pwd\r",
	"ls -d b* | head -4\r",
	"\x1bOA\x1bOA\r",
	"for i in 1 2 3; do echo line $i of three; done\r",
	"printf '%s\\n' one two three four | sort\r",
	"echo the quick brown fox jumps over the lazy dog\x17\x17cat\r",
	"date +%Y; uname -s\r",
	"true && echo yes || echo no\r",
	"echo done with everything, nearly\r",
].join("");

/** Keys of `text`: escape sequences are one key. */
function keys(text: string): readonly string[] {
	// biome-ignore lint/suspicious/noControlCharactersInRegex: ESC starts a cursor key.
	return text.match(/\x1bO[A-D]|[\s\S]/g) ?? [];
}

function works(scratch: string): readonly Work[] {
	const screens = [0, 1].map((seed) => {
		const path = join(scratch, `screen-${seed}`);
		writeFileSync(path, colouredScreen(seed));
		return path;
	});
	return [
		{
			name: "typed session, 300 keys",
			program: SHELL,
			rounds: [2, 1],
			limit: 1,
			together: true,
			async work({ client }, round) {
				const random = seededRandom(round);
				const typed = keys(TYPED);
				for (let index = 0; index < 300; index++) {
					client.type(typed[index % typed.length] ?? "");
					await sleep(between(random, 60, 120));
				}
			},
		},
		{
			name: "200 keys 5 ms apart",
			program: LINE_DISCIPLINE,
			rounds: [5, 2],
			limit: 1,
			async work({ client }) {
				for (let index = 0; index < 200; index++) {
					client.type(index % 50 === 49 ? "\r" : "x");
					await sleep(5);
				}
			},
		},
		{
			name: "ls -la --color /usr/bin",
			program: SHELL,
			rounds: [12, 2],
			limit: 1.05,
			prepare: "ls -la --color /usr/bin",
			async work({ client }) {
				client.type("\r");
			},
		},
		{
			name: "10 full coloured screens",
			program: [
				"sh",
				"-c",
				`stty -echo; while read go; do cat ${screens[0]}; read go; cat ${screens[1]}; done`,
			],
			rounds: [3, 1],
			limit: 1.05,
			async work({ client }) {
				for (let screen = 0; screen < 10; screen++) {
					client.type("\r");
					await sleep(150);
				}
			},
		},
		{
			name: "60 log lines 50 ms apart",
			program: [
				"sh",
				"-c",
				"read go; i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo $i: session opened on port 60001; sleep 0.05; done; read go",
			],
			rounds: [2, 1],
			limit: 1.05,
			together: true,
			async work({ client }) {
				client.type("\r");
				await sleep(4000);
			},
		},
	];
}

async function measure(
	recorder: Recorder,
	work: Work,
	session: Session,
	contestant: Contestant,
	round: number,
) {
	const { client } = session;
	if (work.prepare) {
		client.type(work.prepare);
	}
	await sleep(SETTLE);
	const { bytesReceived, datagramsReceived } = client.traffic;
	await work.work(session, round);
	await sleep(SETTLE);
	recorder.add(`${work.name}: bytes`, contestant, client.traffic.bytesReceived - bytesReceived);
	recorder.add(`${work.name}: datagrams`, contestant, client.traffic.datagramsReceived - datagramsReceived);
}

async function run(bench: Bench): Promise<readonly Row[]> {
	const recorder = new Recorder();
	const rows: Row[] = [];
	for (const work of works(bench.scratch)) {
		bench.progress(work.name);
		const rounds = work.rounds[bench.quick ? 1 : 0];
		if (work.together) {
			for (let round = 0; round < rounds; round++) {
				await withBoth(bench, work.program, async (sessions) => {
					await Promise.all(
						[...sessions].map(([contestant, session]) => measure(recorder, work, session, contestant, round)),
					);
				});
			}
		} else {
			await alternate(bench, rounds, (contestant, round) =>
				withSession(contestant, work.program, {}, (session) =>
					measure(recorder, work, session, contestant, round),
				),
			);
		}
		rows.push(recorder.row(`${work.name}: bytes`, "B", ratioAtMost(work.limit, "mean")));
		rows.push(recorder.row(`${work.name}: datagrams`, "", ratioAtMost(work.limit, "mean")));
	}
	return rows;
}

export const traffic: Scenario = {
	name: "traffic",
	summary: "bytes and datagrams for fixed pieces of work",
	run,
};
