/** A server of one contestant with the measuring client attached. */

import { MeasuringClient } from "./client/client.js";
import type { Link } from "./client/link.js";
import { alternate, type Bench } from "./scenario.js";
import { type Contestant, type RunningServer, startServer } from "./servers.js";

export interface Session {
	readonly server: RunningServer;
	readonly client: MeasuringClient;
	close(): Promise<void>;
}

export interface SessionOptions {
	/** Plain loopback when absent. */
	readonly link?: Link;
	/** Options that only our server has. */
	readonly words?: readonly string[];
}

export async function openSession(
	contestant: Contestant,
	program: readonly string[],
	{ link, words }: SessionOptions = {},
): Promise<Session> {
	const server = await startServer(contestant, program, contestant.name === "ours" ? words : []);
	try {
		const client = await MeasuringClient.connect(server.port, server.key, link);
		const close = async (): Promise<void> => {
			await client.close();
			await server.stop();
		};
		return { server, client, close };
	} catch (error) {
		await server.stop();
		throw error;
	}
}

/** Runs `work` in a session that ends whatever happens. */
export async function withSession<T>(
	contestant: Contestant,
	program: readonly string[],
	options: SessionOptions,
	work: (session: Session) => Promise<T>,
): Promise<T> {
	const session = await openSession(contestant, program, options);
	try {
		return await work(session);
	} catch (cause) {
		throw new Error(`${contestant.name}: ${(cause as Error).message}`, { cause });
	} finally {
		await session.close();
	}
}

/** Runs `work` with one session of each contestant open at once; both end whatever happens. */
export async function withBoth<T>(
	bench: Bench,
	program: readonly string[],
	work: (sessions: ReadonlyMap<Contestant, Session>) => Promise<T>,
): Promise<T> {
	const sessions = new Map<Contestant, Session>();
	try {
		for (const contestant of bench.contestants) {
			sessions.set(contestant, await openSession(contestant, program));
		}
		return await work(sessions);
	} finally {
		await Promise.all([...sessions.values()].map((session) => session.close()));
	}
}

/** `alternate` over sessions that stay open. */
export async function alternateSessions(
	bench: Bench,
	sessions: ReadonlyMap<Contestant, Session>,
	rounds: number,
	round: (session: Session, contestant: Contestant, index: number) => Promise<void>,
): Promise<void> {
	await alternate(bench, rounds, async (contestant, index) => {
		const session = sessions.get(contestant);
		if (session) {
			await round(session, contestant, index);
		}
	});
}
