/**
 * Native scrollback: how fast many lines come by which all end up in the client's terminal, beside the stock server, which shows
 * the last screen and skips the others. The measuring client draws nothing; the stock client takes 0.35 ms more for each state.
 */

import { join } from "node:path";
import { LossyLink, NarrowLink } from "../client/link.js";
import { cpuTime, privateMemory } from "../measure/proc.js";
import { between, seededRandom } from "../measure/random.js";
import { sleep } from "../measure/time.js";
import { MARK, onEnter, SHELL, writeScrollFile } from "../programs.js";
import { alternate, type Bench, Recorder, ratioAtMost, type Scenario, valueAtMost } from "../scenario.js";
import { withSession } from "../session.js";

const LINES = 20_000;
const LIMIT = 240_000;
const ALL = ["--scrollback=native,30000"];
const NATIVE = ["--scrollback=native"];

const PATHS = {
	"0 ms": () => new LossyLink(0, 1),
	"50 ms": () => new LossyLink(25, 1),
	"200 ms": () => new LossyLink(100, 1),
	"50 ms, 5 % loss": () => Object.assign(new LossyLink(25, 1), { loss: 0.05 }),
	"50 ms, 2 Mbit/s": () => new NarrowLink({ delay: 25, rate: 250_000, queue: 32_000 }),
	"50 ms, 256 kbit/s": () => new NarrowLink({ delay: 25, rate: 32_000, queue: 16_000 }),
} as const;

type Path = keyof typeof PATHS;
const paths = Object.keys(PATHS) as readonly Path[];

const speed = (path: Path): string => `${LINES} lines to the end, ${path}`;
const bytes = (path: Path): string => `${LINES} lines, ${path}: to the client`;
const DROPPED = "50 ms, 256 kbit/s: dropped by the queue";
const CPU = `${LINES} lines, 50 ms: server CPU`;
const CTRL_C = "Ctrl-C in an endless flood, 50 ms";
/** At a shell: an editor is opened, scrolls by lines and by pages, a line is written, one deleted, one put back, and it is left. */
const EDITING = [
	..."\x05\x05\x05\x05\x05\x05\x05\x05\x05\x05\x04\x04\x04\x06\x06\x02",
	..."oa line that is written here\x1b",
	..."ddup",
	..."G",
	..."ggdGu",
	...":q!\r",
];
const editor = (mode: string): string => `an editor, 50 ms, ${mode}: to the client`;
const MODES = { native: NATIVE, default: [] } as const;
const MEMORY = "private memory after 100000 lines";

async function linesOnce(bench: Bench, recorder: Recorder, path: Path): Promise<void> {
	await alternate(bench, bench.quick ? 1 : 5, (contestant) => {
		const link = PATHS[path]();
		return withSession(
			contestant,
			onEnter(`seq ${LINES}`),
			{ link, words: ALL },
			async ({ client, server }) => {
				await sleep(1_500);
				const before = { bytes: client.traffic.bytesReceived, cpu: cpuTime(server.pid) };
				const begin = client.type("\r");
				const end = await client.see(MARK, LIMIT);
				recorder.add(speed(path), contestant, LINES / ((end - begin) / 1000));
				recorder.add(bytes(path), contestant, (client.traffic.bytesReceived - before.bytes) / 1e3);
				if (path === "50 ms") {
					recorder.add(CPU, contestant, cpuTime(server.pid) - before.cpu);
				}
				if (path === "50 ms, 256 kbit/s" && link instanceof NarrowLink) {
					recorder.add(DROPPED, contestant, (100 * link.dropped) / link.carried);
				}
			},
		);
	});
}

async function edit(bench: Bench, recorder: Recorder): Promise<void> {
	const file = join(bench.scratch, "edited.txt");
	writeScrollFile(file, 500);
	for (const [mode, words] of Object.entries(MODES)) {
		await alternate(bench, bench.quick ? 1 : 5, (contestant) =>
			withSession(contestant, SHELL, { link: new LossyLink(25, 1), words }, async ({ client }) => {
				await sleep(800);
				const before = client.traffic.bytesReceived;
				client.type(`vim -u NONE -i NONE -n -N ${file}\r`);
				await sleep(1_000);
				for (const key of EDITING) {
					client.type(key);
					await sleep(120);
				}
				await sleep(500);
				recorder.add(editor(mode), contestant, (client.traffic.bytesReceived - before) / 1e3);
			}),
		);
	}
}

async function remember(bench: Bench, recorder: Recorder): Promise<void> {
	await alternate(bench, bench.quick ? 1 : 3, (contestant) =>
		withSession(contestant, onEnter("seq 100000"), { words: NATIVE }, async ({ client, server }) => {
			await sleep(300);
			client.type("\r");
			await client.see(MARK, LIMIT);
			await sleep(2_000);
			recorder.add(MEMORY, contestant, privateMemory(server.pid));
		}),
	);
}

async function interrupt(bench: Bench, recorder: Recorder): Promise<void> {
	await alternate(bench, bench.quick ? 3 : 15, (contestant, index) =>
		withSession(contestant, SHELL, { link: new LossyLink(25, 1), words: NATIVE }, async ({ client }) => {
			await sleep(800);
			client.type("yes\r");
			await sleep(between(seededRandom(index), 800, 1_200));
			const begin = client.type("\x03");
			recorder.add(CTRL_C, contestant, (await client.see(MARK, LIMIT)) - begin);
		}),
	);
}

async function run(bench: Bench) {
	const recorder = new Recorder();
	for (const path of paths) {
		bench.progress(speed(path));
		await linesOnce(bench, recorder, path);
	}
	bench.progress("an editor");
	await edit(bench, recorder);
	bench.progress(MEMORY);
	await remember(bench, recorder);
	bench.progress(CTRL_C);
	await interrupt(bench, recorder);
	return [
		...paths.map((path) => recorder.row(speed(path), "lines/s")),
		...paths.map((path) => recorder.row(bytes(path), "kB")),
		recorder.row(DROPPED, "%", valueAtMost(2)),
		recorder.row(CPU, "ms"),
		...Object.keys(MODES).map((mode) => recorder.row(editor(mode), "kB")),
		recorder.row(CTRL_C, "ms", ratioAtMost(1)),
		recorder.row(MEMORY, "MiB"),
	];
}

export const scrollback: Scenario = {
	name: "scrollback",
	summary: "20,000 lines into the client's own scrollback, Ctrl-C in a flood",
	run,
};
