/**
 * Whole logins through every firewall, by the real `mosh` wrapper, sshd and mosh-client: whether the first datagram was
 * lost, and how long until the prompt. The stock server with the watch alone is tried at several round trips: it announces
 * its port at once, and only the network's delay gives the guard time.
 */

import { BACKENDS, type Backend } from "../../test/latency/backends.js";
import { startDelay } from "../../test/latency/delay.js";
import { LoginHost, type LoginOptions, needsLoginHost, PROMPT } from "../../test/latency/login-host.js";
import { sleep } from "../measure/time.js";
import { valueAtMost } from "../scenario.js";
import type { GuardBench, GuardGroup, GuardRow } from "./group.js";

/** In a row, of each kind. */
const LOGINS = 50;
const QUICK_LOGINS = 5;
/** Milliseconds there and back. */
const ROUND_TRIPS = [0, 20, 100] as const;

interface Kind extends LoginOptions {
	readonly title: string;
	readonly roundTrip: number;
	/** The guarantee is that none is lost. */
	readonly guaranteed: boolean;
}

const FAMILIES = [4, 6] as const;

const GUARANTEED: readonly Kind[] = FAMILIES.flatMap((family) => [
	{ title: "ours", server: "ours", family, roundTrip: 0, guaranteed: true },
	{ title: "stock by the shim", server: "shim", family, roundTrip: 0, guaranteed: true },
]);

const WATCHED: readonly Kind[] = FAMILIES.flatMap((family) =>
	ROUND_TRIPS.map((roundTrip) => ({
		title: "stock, watched",
		server: "watched" as const,
		family,
		roundTrip,
		guaranteed: false,
	})),
);

async function measure(
	bench: GuardBench,
	backend: Backend,
	kinds: readonly Kind[],
): Promise<readonly GuardRow[]> {
	const host = await LoginHost.start(backend);
	try {
		const rows: GuardRow[] = [];
		for (const kind of kinds) {
			const name = `${backend.name} v${kind.family}, ${kind.title}, round trip ${kind.roundTrip} ms`;
			bench.progress(`login: ${name}`);
			const delay = kind.roundTrip > 0 ? await startDelay(host.installed.lab, kind.roundTrip / 2) : undefined;
			try {
				rows.push(
					...(await repeat(host, name, { ...kind, ...(delay && { via: delay.entrance }) }, bench.quick)),
				);
			} finally {
				await delay?.stop();
			}
		}
		return rows;
	} finally {
		await host.close();
	}
}

async function repeat(host: LoginHost, name: string, kind: Kind, quick: boolean): Promise<GuardRow[]> {
	/** Whether the firewall dropped any datagram of the client's until the prompt. */
	const lost: number[] = [];
	const told: number[] = [];
	const times: number[] = [];
	for (let count = 0; count < (quick ? QUICK_LOGINS : LOGINS); count++) {
		const droppedBefore = await host.dropped();
		const begin = performance.now();
		const { terminal } = await host.login(kind);
		await terminal.seeText(PROMPT);
		times.push(performance.now() - begin);
		lost.push((await host.dropped()) > droppedBefore ? 1 : 0);
		await terminal.enter("exit");
		await terminal.exited();
		told.push(terminal.output().includes("Nothing received") ? 1 : 0);
		await host.endAll();
		// What the client has sent last may be on its way yet, and finds the port shut: no loss of the next login.
		await sleep(kind.roundTrip);
	}
	return [
		{
			name: `${name}: first datagram lost`,
			unit: "lost",
			samples: lost,
			...(kind.guaranteed && { target: valueAtMost(0, "mean") }),
		},
		{ name: `${name}: "Nothing received" shown`, unit: "shown", samples: told },
		{ name: `${name}: login to prompt`, unit: "ms", samples: times },
	];
}

async function run(bench: GuardBench, kinds: readonly Kind[]): Promise<readonly GuardRow[]> {
	const rows: GuardRow[] = [];
	for (const backend of BACKENDS) {
		const missing = await needsLoginHost(...backend.tools);
		if (missing) {
			bench.progress(`login: ${backend.name} left out: ${missing}`);
		} else {
			rows.push(...(await measure(bench, backend, kinds)));
		}
	}
	return rows;
}

export const logins: GuardGroup = {
	name: "login",
	summary: "logins through every firewall, the port open before the client starts: first datagrams lost",
	tools: [],
	run: (bench) => run(bench, GUARANTEED),
};

export const watchedLogins: GuardGroup = {
	name: "login-watched",
	summary: "the same by the stock server that is only watched, at several round trips",
	tools: [],
	run: (bench) => run(bench, WATCHED),
};
