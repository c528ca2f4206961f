/** A compressed day for real: stock servers come and go, and the other host asks at every port whether it is open. */

import { SERVER4 } from "../../test/lab/hosts.js";
import { sleep } from "../measure/time.js";
import type { Session } from "./day.js";
import { UFW } from "./firewalls.js";
import { GuardHost, RIVAL } from "./host.js";

/** Between two looks at a port: 40 ports make 800 answers a second, fewer than a kernel's limit of 1000. */
const LOOK_MS = 50;

export type Strategy = "range" | "login" | "cron" | "guard";

export interface RealDay {
	readonly strategy: Strategy;
	readonly sessions: readonly Session[];
	/** Seconds. */
	readonly length: number;
	/** Seconds between two runs of the script by cron. */
	readonly cron: number;
}

/** Port-seconds open without a living server, of the ports that the day's sessions use. */
export async function liveDay({ strategy, sessions, length, cron }: RealDay): Promise<number> {
	const host = await GuardHost.start(UFW);
	try {
		const ports = [...new Set(sessions.map(({ port }) => port))].sort((a, b) => a - b);
		if (strategy === "range") {
			await host.run("ufw", "allow", `${ports[0]}:${ports.at(-1)}/udp`);
		}
		if (strategy === "guard") {
			await host.startGuard();
		}
		let last: Promise<void> = Promise.resolve();
		const script = () => {
			last = last.then(() => host.run(RIVAL));
		};
		await host.prober.start({ do: "patrol", address: SERVER4, ports, everyMs: LOOK_MS });
		const begun = performance.now();
		const at = (seconds: number) => sleep(Math.max(0, begun + seconds * 1000 - performance.now()));
		const lives = sessions.map(async ({ port, start, end }) => {
			await at(start);
			const pid = await host.serve(port);
			if (strategy === "login") {
				script();
			}
			await at(end);
			host.end(pid);
		});
		const runs = Array.from(
			{ length: strategy === "cron" ? Math.floor(length / cron) : 0 },
			async (_, index) => {
				await at((index + 1) * cron);
				script();
			},
		);
		await at(length);
		const { looks, refused } = await host.prober.stop();
		await Promise.all([...lives, ...runs]);
		await last;
		return (refused / looks) * ports.length * length;
	} finally {
		await host.remove();
	}
}

/** Milliseconds that one run of the script takes beside sessions that have come and gone since the last. */
export async function scriptRuns(rounds: number): Promise<{ idle: number[]; opening: number[] }> {
	const host = await GuardHost.start(UFW);
	try {
		const idle: number[] = [];
		const opening: number[] = [];
		const time = async () => {
			const begun = performance.now();
			await host.run(RIVAL);
			return performance.now() - begun;
		};
		for (let round = 0; round < rounds; round++) {
			idle.push(await time());
			const pid = await host.serve(host.nextPort());
			opening.push(await time());
			host.end(pid);
			await sleep(50);
			await time();
		}
		return { idle, opening };
	} finally {
		await host.remove();
	}
}
