/** What a flood of program output costs a live server: its CPU time and the memory it grows by. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeHome, type ServerName, startServer } from "./mosh-server.js";
import { cpuMs, peakResidentKiB, residentKiB } from "./processes.js";
import { UdpClient } from "./udp-client.js";
import { until } from "./wait.js";

export interface Size {
	readonly columns: number;
	readonly rows: number;
}

export interface Cost {
	/** CPU time of the server process (ms). */
	readonly cpu: number;
	/** False when it was not let finish, because it had taken `enoughMs`. */
	readonly complete: boolean;
	/** Resident memory gained, at the end and at the most (KiB). */
	readonly growth: number;
	readonly peak: number;
}

/** Enough to see the last word in; all frames of a long flood would cost the reader more than the server. */
const KEEP = 100_000;

/** @throws Error when the server neither finishes nor takes `enoughMs` (of CPU time) within `limitMs` */
export async function costOf(
	server: ServerName,
	bytes: Uint8Array,
	{ columns, rows }: Size,
	{ limitMs = 60_000, enoughMs = Number.POSITIVE_INFINITY } = {},
): Promise<Cost> {
	const home = makeHome();
	const file = join(home.path, "flood");
	writeFileSync(file, bytes);
	const sized = `until [ "$(stty size)" = "${rows} ${columns}" ]; do sleep 0.05; done; printf ready`;
	const go = "read -r line; cat $0; printf '\\030\\033c~done~'; read -r line";
	const command = ["/bin/sh", "-c", `stty -echo; ${sized}; ${go}`, file];
	const running = await startServer({ server, home: home.path, command, verify: false });
	const client = await UdpClient.connect(running.port, running.key, { columns, rows, keep: KEEP });
	try {
		await client.sees("ready");
		const cpu = cpuMs(running.pid);
		const memory = residentKiB(running.pid);
		client.type("\n");
		const complete = (): boolean => client.text.includes("~done~");
		const enough = (): boolean => cpuMs(running.pid) - cpu >= enoughMs;
		await until("the flood is over", () => complete() || enough(), { limitMs });
		return {
			cpu: cpuMs(running.pid) - cpu,
			complete: complete(),
			growth: residentKiB(running.pid) - memory,
			peak: peakResidentKiB(running.pid) - memory,
		};
	} finally {
		client.close();
		await running.stop();
		home.remove();
	}
}
