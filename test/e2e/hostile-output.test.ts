/** A live session flooded with the worst known output, beside the stock server with the same: its CPU time and memory. */

import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ATTACKS, flood } from "../support/hostile-output.js";
import { makeHome, needsStockServer, type ServerName, startServer } from "../support/mosh-server.js";
import { residentKiB } from "../support/processes.js";
import { UdpClient } from "../support/udp-client.js";
import { until } from "../support/wait.js";

const BYTES = 70_000;
const MIB = 1_024;
/** Of CPU time: what the stock server takes is often less than the kernel's tick of 10 ms, and node compiles first. */
const TIMES_STOCK = 3;
const FLOOR_MS = 1_500;
const TICK_MS = 10;
const MAX_GROWTH_KIB = 64 * MIB;

/** Each took ours 7 s or more, up to minutes, or did not end. */
const WORST = ["insert lines", "delete lines", "scroll up", "scroll down", "insert and print"];
const chosen = ATTACKS.filter(({ name }) => WORST.includes(name) || name === "endless title");

/** CPU time in user and kernel mode so far (ms). */
function cpuMs(pid: number): number {
	// The state, first after the command name, is field 3; utime and stime are 14 and 15 (proc(5)).
	const fields = readFileSync(`/proc/${pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
	return (Number(fields[11]) + Number(fields[12])) * TICK_MS;
}

async function cost(server: ServerName, bytes: Uint8Array): Promise<{ cpu: number; growth: number }> {
	const home = makeHome();
	const file = join(home.path, "flood");
	writeFileSync(file, bytes);
	const go = "read -r line; cat $0; printf '\\030\\033c~done~'; read -r line";
	const command = ["/bin/sh", "-c", `stty -echo; printf ready; ${go}`, file];
	const running = await startServer({ server, home: home.path, command });
	const client = await UdpClient.connect(running.port, running.key);
	try {
		await client.sees("ready");
		const before = { cpu: cpuMs(running.pid), memory: residentKiB(running.pid) };
		client.type("\n");
		await until("the flood is over", () => client.text.includes("~done~"), { limitMs: 60_000 });
		return { cpu: cpuMs(running.pid) - before.cpu, growth: residentKiB(running.pid) - before.memory };
	} finally {
		client.close();
		await running.stop();
		home.remove();
	}
}

describe("output made to stall a session", { skip: needsStockServer() }, () => {
	for (const attack of chosen) {
		it(`costs little more than it does the stock server: ${attack.name}`, async (t) => {
			const bytes = flood(attack, attack.name === "endless title" ? 100 * BYTES : BYTES);
			const stock = await cost("stock", bytes);
			const ours = await cost("ours", bytes);
			t.diagnostic(`ours ${ours.cpu} ms, ${ours.growth} KiB; stock ${stock.cpu} ms, ${stock.growth} KiB`);
			assert.ok(
				ours.cpu <= TIMES_STOCK * stock.cpu + FLOOR_MS,
				`${ours.cpu} ms of CPU time, stock ${stock.cpu}`,
			);
			assert.ok(ours.growth <= MAX_GROWTH_KIB, `grew by ${ours.growth} KiB`);
		});
	}
});
