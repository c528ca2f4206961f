/** Simulates a long path by a relay on the client's host, for kernels without netem. */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { type Lab, SERVER4, SERVER6 } from "../lab/hosts.js";
import { bundled } from "../support/bundled.js";
import type { Listening } from "../support/sshd.js";

const RELAY = new URL("delay-relay.ts", import.meta.url);
/** Where the relay is reached on the client's host. */
const ENTRANCE: Listening = { addresses: ["127.0.0.1", "::1"], port: 2222 };

export interface Delay {
	/** To connect to instead of the server. */
	readonly entrance: Listening;
	stop(): Promise<void>;
}

/** @param oneWay milliseconds */
export async function startDelay(lab: Lab, oneWay: number): Promise<Delay> {
	const routes = [SERVER4, SERVER6].map((server, index) => `${ENTRANCE.addresses[index]}=${server}`);
	const child = spawn(
		"nsenter",
		[
			...["-t", String(lab.client.pid), "-n", "--"],
			...[process.execPath, bundled(RELAY)],
			...[String(oneWay), String(ENTRANCE.port), ...routes],
		],
		{ stdio: ["pipe", "pipe", "inherit"] },
	);
	await Promise.race([
		once(child.stdout, "data"),
		once(child, "exit").then(() => Promise.reject(new Error("the delaying relay did not start"))),
	]);
	return {
		entrance: ENTRANCE,
		stop: async () => {
			child.stdin.end();
			await once(child, "exit");
		},
	};
}
