/** What a session has never done before: the first answer, the first prompt, the first `ls`, the first vim. Each in sessions of its own. */

import { join } from "node:path";
import { MeasuringClient } from "../client/client.js";
import { directLink } from "../client/link.js";
import { sleep } from "../measure/time.js";
import { MARK, SHELL, scrollLine, VIM, VIM_LINES, writeScrollFile } from "../programs.js";
import { alternate, type Bench, Recorder, ratioAtMost, type Scenario, valueAtMost } from "../scenario.js";
import { type Contestant, startServer } from "../servers.js";
import { withSession } from "../session.js";

const ANSWER = "first datagram → first answer";
const NOTICES = "first answers after more than 250 ms (the client says that it hears nothing)";
const PROMPT = "start → first prompt";
const LS = "first ls -la --color /usr/bin";
const FIRST_VIM = "first vim, a file of 2000 lines";

/** When the stock client tells its user that it waits (ms; protocol §6). */
const NOTICE = 250;
/** A prompt is on the screen, and everything that followed it has gone out (ms). */
const SETTLE = 1000;
/** With a quarter of a processor (ms). */
const LIMIT = 30_000;

async function answer(recorder: Recorder, contestant: Contestant): Promise<void> {
	const began = performance.now();
	const server = await startServer(contestant, SHELL);
	try {
		const connecting = performance.now();
		let took: number | undefined;
		const client = await MeasuringClient.connect(server.port, server.key, directLink, (text) => {
			took ??= performance.now() - connecting;
			return text.includes(MARK);
		});
		recorder.add(PROMPT, contestant, performance.now() - began);
		recorder.add(ANSWER, contestant, took ?? 0);
		recorder.add(NOTICES, contestant, (took ?? 0) > NOTICE ? 1 : 0);
		await client.close();
	} finally {
		await server.stop();
	}
}

/** Types a line at a shell, and how long it takes from Enter until `text` is there. */
function first(contestant: Contestant, line: string, text: string): Promise<number> {
	return withSession(contestant, SHELL, {}, async ({ client }) => {
		await sleep(SETTLE);
		client.type(line);
		await sleep(SETTLE);
		const seen = client.see(text, LIMIT);
		const at = client.type("\r");
		return (await seen) - at;
	});
}

async function run(bench: Bench) {
	const recorder = new Recorder();
	const file = join(bench.scratch, "first.txt");
	writeScrollFile(file, 2000);
	bench.progress(ANSWER);
	await alternate(bench, bench.quick ? 10 : 50, (contestant) => answer(recorder, contestant));
	const rounds = bench.quick ? 3 : 12;
	bench.progress(LS);
	await alternate(bench, rounds, async (contestant) => {
		recorder.add(LS, contestant, await first(contestant, "ls -la --color /usr/bin", MARK));
	});
	bench.progress(FIRST_VIM);
	await alternate(bench, rounds, async (contestant) => {
		const line = [...VIM, file].join(" ");
		recorder.add(FIRST_VIM, contestant, await first(contestant, line, scrollLine(VIM_LINES - 1)));
	});
	return [
		recorder.row(ANSWER, "ms", ratioAtMost(1.2)),
		recorder.row(NOTICES, "", valueAtMost(0, "mean")),
		recorder.row(PROMPT, "ms"),
		recorder.row(LS, "ms", ratioAtMost(1.2)),
		recorder.row(FIRST_VIM, "ms"),
	];
}

export const cold: Scenario = {
	name: "cold",
	summary: "first answer, prompt, ls and vim of a session",
	run,
};
