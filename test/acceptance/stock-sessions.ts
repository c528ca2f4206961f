/** Many stock mosh-servers on the guarded host, started and ended in batches, and what a second host sees of their ports. */

import type { Installed } from "../cli/installed.js";
import { now } from "../lab/bare-probe.js";
import { SERVER4, SERVER6 } from "../lab/hosts.js";
import { isAlive } from "../support/processes.js";
import { HANG_MS, until } from "../support/wait.js";

export interface Place {
	readonly address: string;
	readonly port: number;
}

export interface Session extends Place {
	readonly pid: number;
	readonly key: string;
	/** When it had printed MOSH CONNECT. */
	readonly startedAt: number;
	/** When it was killed, or known to have ended by itself. */
	endedAt?: number;
	/** Whether it has answered its client: until then a stock server ends by itself after a minute. */
	reached?: true;
}

/** For the answer of one mosh-server beside 200 others. */
const ANSWER_MS = 2500;
/** Datagrams without an answer in a row that mean "not reached": one may be lost, and a loaded machine answers late. */
const TRIES = 20;

/** Started at once: more would starve everything else on a machine with two processors. */
const BATCH = 20;

export class StockSessions {
	readonly all: Session[] = [];

	private readonly host: Installed;

	constructor(host: Installed) {
		this.host = host;
	}

	/** One that has been reached and is gone counts as live: that it is gone is a fault, which shows. */
	get live(): Session[] {
		for (const session of this.all) {
			if (session.endedAt === undefined && session.reached !== true && !isAlive(session.pid)) {
				session.endedAt = now();
			}
		}
		return this.all.filter(({ endedAt }) => endedAt === undefined);
	}

	/** Places that were used and that no session has now, with the time its last session ended. */
	get left(): (Place & { readonly endedAt: number })[] {
		const last = new Map(this.all.map((session) => [placeKey(session), session]));
		return [...last.values()].flatMap(({ address, port, endedAt }) =>
			endedAt === undefined ? [] : [{ address, port, endedAt }],
		);
	}

	/** One stock server at each place; `uid` is the user's, root's without it. */
	async start(places: readonly Place[], uid?: number): Promise<Session[]> {
		const started: Session[] = [];
		for (let at = 0; at < places.length; at += BATCH) {
			started.push(...(await this.#startBatch(places.slice(at, at + BATCH), uid)));
		}
		return started;
	}

	kill(sessions: readonly Session[]): void {
		for (const session of sessions) {
			session.endedAt = now();
			process.kill(session.pid, "SIGKILL");
		}
	}

	async end(): Promise<void> {
		const { live } = this;
		this.kill(live.filter(({ pid }) => isAlive(pid)));
		for (const session of live) {
			session.endedAt ??= now();
		}
		await until("killed servers are gone", () => live.every(({ pid }) => !isAlive(pid)));
	}

	/** Those that live and that their clients do not reach by any of several datagrams. */
	async unreached(sessions: readonly Session[]): Promise<Session[]> {
		let missing = [...sessions];
		for (let tries = 0; tries < TRIES && missing.length > 0; tries += 1) {
			missing = (await this.unanswered(missing, ANSWER_MS)).filter(({ endedAt }) => endedAt === undefined);
		}
		return missing;
	}

	/** Those that do not answer one datagram within `waitMs`. */
	async unanswered(sessions: readonly Session[], waitMs: number): Promise<Session[]> {
		const { agent } = this.host.lab.client;
		const answers = await Promise.all(
			sessions.map(({ address, port, key }) => agent.session(address, port, key, waitMs)),
		);
		for (const [at, session] of sessions.entries()) {
			if (answers[at] === true) {
				session.reached = true;
			}
		}
		return sessions.filter((_, at) => answers[at] === false);
	}

	/** Milliseconds from each server's end to the last datagram that still passed to its port; rejects when one stays open. */
	async closeDelays(places: readonly (Place & { readonly endedAt?: number })[]): Promise<number[]> {
		const { agent } = this.host.lab.client;
		return Promise.all(
			places.map(async ({ address, port, endedAt = 0 }) => {
				const last = await agent.bare(address, port, HANG_MS);
				return last === undefined ? 0 : Math.max(0, last - endedAt);
			}),
		);
	}

	async #startBatch(places: readonly Place[], uid: number | undefined): Promise<Session[]> {
		const user = uid === undefined ? "" : `setpriv --reuid=${uid} --regid=${uid} --clear-groups`;
		const starts = places.map(({ address, port }) => `serve ${address} ${port} ${user} &`);
		const { stdout } = await this.host.run(
			"/bin/sh",
			"-fc",
			`serve() {
				address=$1 port=$2; shift 2
				said=$("$@" mosh-server new -i $address -p $port -- sleep 3600 2>&1 </dev/null)
				echo $address $said
			}
			${starts.join("\n")}
			wait`,
		);
		const sessions = stdout.split("\n").flatMap((line) => {
			const [, address, port, key, pid] = /^(\S+) MOSH CONNECT (\d+) (\S+) .*pid = (\d+)/.exec(line) ?? [];
			if (address === undefined || key === undefined) {
				return [];
			}
			return [{ address, port: Number(port), key, pid: Number(pid), startedAt: now() }];
		});
		if (sessions.length < places.length) {
			throw new Error(`not every mosh-server started:\n${stdout}`);
		}
		this.all.push(...sessions);
		return sessions;
	}
}

/** `count` places from `first` on, every third of IPv6. */
export function places(first: number, count: number): Place[] {
	return Array.from({ length: count }, (_, n) => ({
		address: n % 3 === 0 ? SERVER6 : SERVER4,
		port: first + n,
	}));
}

export function placeKey({ address, port }: Place): string {
	return `${address} ${port}`;
}
