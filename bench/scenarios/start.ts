/** From the start of the process to `MOSH CONNECT`. */

import { alternate, type Bench, Recorder, type Scenario, valueAtMost } from "../scenario.js";
import { startServer } from "../servers.js";

const ROW = "start to MOSH CONNECT";

async function run(bench: Bench) {
	const recorder = new Recorder();
	bench.progress(ROW);
	await alternate(bench, bench.quick ? 10 : 30, async (contestant) => {
		const server = await startServer(contestant, ["true"]);
		recorder.add(ROW, contestant, server.startup);
		await server.stop();
	});
	return [recorder.row(ROW, "ms", valueAtMost(50))];
}

export const start: Scenario = { name: "start", summary: "time from start to MOSH CONNECT", run };
