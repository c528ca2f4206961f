/**
 * The client's end of the guard's socket: for a mosh-server that reports its port, and for the command line. Runs
 * unprivileged; no failure here may end a session.
 */

import { existsSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { GuardError } from "./errors.js";
import {
	type Answer,
	decodeAnswer,
	encode,
	LineReader,
	MAX_ANSWER_LINE,
	PUBLIC_SOCKET,
	REPORT_BUDGET_MS,
	type Request,
	type Update,
	userSocket,
	type WireSocket,
} from "./messages.js";
import { watchSocket } from "./socket-watch.js";

/**
 * Pauses (ms) between attempts while no guard is running: a restarted guard is back within a second. After the last one the
 * folder of the socket is watched; where that is not possible, the last pause repeats. It is short because a guard started for one
 * login only (`mosh-portguard hook`) must learn of all sessions while it runs.
 */
const RECONNECT_MS = [200, 500, 1000, 2000, 5000] as const;

/** This user's own socket if the guard has created one, else the public one. */
export function socketFor(publicSocket: string): string {
	const own = userSocket(process.geteuid?.() ?? 0, publicSocket);
	return existsSync(own) ? own : publicSocket;
}

/** How soon (ms) to try again when the guard's queue of waiting connections is full: it is accepting them one by one. */
const QUEUE_FULL_RETRY_MS = 20;
const QUEUE_FULL_RETRIES = REPORT_BUDGET_MS / QUEUE_FULL_RETRY_MS;

/**
 * Sends one request and resolves with its answer.
 * @param budgetMs how long to wait for the answer (ms)
 * @throws GuardError `no-guard`, `not-permitted`, `no-answer`, `closed` or `bad-answer`
 */
export async function ask(request: Request, path = PUBLIC_SOCKET, budgetMs = 10_000): Promise<Answer> {
	const deadline = AbortSignal.timeout(budgetMs);
	for (;;) {
		try {
			return await askOnce(request, path, budgetMs, deadline);
		} catch (error) {
			if (!(error instanceof GuardError && isQueueFull(error)) || deadline.aborted) {
				throw error;
			}
			await sleep(QUEUE_FULL_RETRY_MS);
		}
	}
}

async function askOnce(
	request: Request,
	path: string,
	budgetMs: number,
	deadline: AbortSignal,
): Promise<Answer> {
	const connection = new GuardConnection(path);
	try {
		return await new Promise<Answer>((resolve, reject) => {
			deadline.onabort = () =>
				reject(new GuardError("no-answer", `no answer from the guard within ${budgetMs} ms`));
			connection.onAnswer = resolve;
			connection.onEnd = reject;
			connection.open();
			connection.send(request);
		});
	} finally {
		connection.close();
	}
}

/** Refusals of a socket whose port the guard has opened all the same: the guard is told about the session. */
const LEASED: ReadonlySet<string> = new Set(["blocked", "unverified"]);

/** What a session knows about its client. */
export type ClientStatus = Omit<Update, "type">;

/** The result of a report. */
export type ReportOutcome =
	| { readonly state: "open" }
	/** The guard cannot be reached, took too long, or says that it will not open the port (`refused`). The session continues. */
	| { readonly state: "not-open"; readonly code: string; readonly reason: string; readonly refused?: true };

/**
 * The lease of one session: reports its UDP socket, then stays connected and reports again whenever the guard comes back.
 * Never throws, and never keeps the process alive by itself.
 */
export class GuardLease {
	readonly #path: string;
	readonly #socket: WireSocket;
	readonly #pid: number;
	readonly #pauses: readonly number[];
	#connection: GuardConnection | undefined;
	/** The previous connection, until this one is answered. */
	#replaced: GuardConnection | undefined;
	#timer: NodeJS.Timeout | undefined;
	#endWatch: (() => void) | undefined;
	#attempts = 0;
	#queueFull = 0;
	#last: { readonly status: ClientStatus; readonly at: number } | undefined;
	#ended = false;

	/** @param pauses in ms, between attempts while no guard is running */
	constructor(
		socket: WireSocket,
		pid = process.pid,
		path = PUBLIC_SOCKET,
		pauses: readonly number[] = RECONNECT_MS,
	) {
		this.#socket = socket;
		this.#pid = pid;
		this.#path = path;
		this.#pauses = pauses;
	}

	/** Reports the socket. Resolves with the first answer, or as `no-answer` after `budgetMs`. */
	start(budgetMs = REPORT_BUDGET_MS): Promise<ReportOutcome> {
		return new Promise((resolve) => {
			const late = setTimeout(() => {
				resolve({
					state: "not-open",
					code: "no-answer",
					reason: `no answer from the guard within ${budgetMs} ms`,
				});
			}, budgetMs);
			this.#connect((outcome) => {
				clearTimeout(late);
				resolve(outcome);
			});
		});
	}

	/** Tells the guard what is known about the client. A guard that starts later is told the latest status. */
	update(status: ClientStatus): void {
		this.#last = { status, at: performance.now() };
		this.#connection?.send({ type: "update", ...status });
	}

	/** Ends the lease. The guard closes the port once the UDP socket is gone too. */
	stop(): void {
		this.#ended = true;
		clearTimeout(this.#timer);
		this.#endWatch?.();
		this.#connection?.close();
		this.#replaced?.close();
		this.#connection = undefined;
	}

	#connect(first: (outcome: ReportOutcome) => void): void {
		const path = socketFor(this.#path);
		const connection = new GuardConnection(path);
		connection.onAnswer = (answer) => {
			const isOpen = answer.type === "open";
			if (isOpen || (answer.type === "refused" && LEASED.has(answer.code))) {
				this.#attempts = 0;
				this.#endWatch?.();
				this.#endWatch = undefined;
				if (this.#last !== undefined) {
					connection.send({ type: "update", ...aged(this.#last) });
				}
				first(isOpen ? { state: "open" } : { state: "not-open", code: answer.code, reason: answer.reason });
				this.#replaced?.close();
				this.#replaced = undefined;
				if (socketFor(this.#path) !== path) {
					this.#switchSocket(connection);
				}
			} else if (answer.type === "refused" || answer.type === "error") {
				first({ state: "not-open", code: answer.code, reason: answer.reason, refused: true });
			}
		};
		connection.onEnd = (error) => {
			this.#connection = undefined;
			if (isQueueFull(error) && !this.#ended && this.#queueFull++ < QUEUE_FULL_RETRIES) {
				this.#timer = setTimeout(() => this.#connect(first), QUEUE_FULL_RETRY_MS);
				return;
			}
			first({ state: "not-open", code: error.code, reason: error.message });
			this.#reconnect(error.code === "no-guard");
		};
		this.#connection = connection;
		connection.open();
		connection.unref();
		connection.send({ type: "report", ...this.#socket, pid: this.#pid });
	}

	/** The guard has since created a socket for this user: only there does it trust what is reported about the client. */
	#switchSocket(connection: GuardConnection): void {
		if (this.#ended) {
			return;
		}
		this.#replaced?.close();
		connection.onEnd = () => undefined;
		// Kept until the new one is answered: a guard may close the port of a server that has no lease.
		this.#replaced = connection;
		this.#connect(() => undefined);
	}

	/** @param absent no guard is running */
	#reconnect(absent: boolean): void {
		const last = this.#pauses.length - 1;
		if (this.#ended || this.#endWatch !== undefined) {
			return;
		}
		if (absent && this.#attempts >= last) {
			// Before the last attempt, so that nothing happens between the two unnoticed.
			this.#endWatch = watchSocket(this.#path, () => this.#noticed());
		}
		const step = Math.min(this.#attempts++, last);
		// Spread out: a restarted guard should not be contacted by all sessions in the same millisecond.
		const wait = (this.#pauses[step] as number) * (0.5 + Math.random());
		this.#timer = setTimeout(() => this.#connect(() => undefined), wait);
		this.#timer.unref();
	}

	/** A guard may be starting. */
	#noticed(): void {
		this.#endWatch = undefined;
		this.#attempts = 0;
		if (this.#connection === undefined) {
			clearTimeout(this.#timer);
			this.#reconnect(true);
		}
	}
}

/** The status as of now: the times since have grown. */
function aged({ status, at }: { readonly status: ClientStatus; readonly at: number }): ClientStatus {
	const age = Math.round(performance.now() - at);
	const { silentMs, idleMs } = status;
	return {
		...status,
		...(silentMs !== undefined && { silentMs: silentMs + age }),
		...(idleMs !== undefined && { idleMs: idleMs + age }),
	};
}

const CLOSED = "the guard closed the connection";

/** One connection to the guard, message by message. */
class GuardConnection {
	onAnswer: (answer: Answer) => void = () => undefined;
	/** Called once, unless `close` is called first. */
	onEnd: (error: GuardError) => void = () => undefined;
	readonly #path: string;
	#socket: Socket | undefined;

	constructor(path: string) {
		this.#path = path;
	}

	open(): void {
		const socket = createConnection(this.#path);
		this.#socket = socket;
		const lines = new LineReader(MAX_ANSWER_LINE);
		let failure: GuardError | undefined;
		socket.setEncoding("utf8");
		socket.on("data", (text: string) => {
			const answers = lines.push(text)?.map(decodeAnswer) ?? [undefined];
			for (const answer of answers) {
				if (answer !== undefined) {
					this.onAnswer(answer);
					continue;
				}
				failure = new GuardError("bad-answer", "the guard speaks another version of the protocol");
				socket.destroy();
				return;
			}
		});
		socket.on("error", (cause: NodeJS.ErrnoException) => {
			failure = connectionError(cause, this.#path);
		});
		socket.on("close", () => {
			if (this.#socket !== socket) {
				return;
			}
			this.#socket = undefined;
			this.onEnd(failure ?? new GuardError("closed", CLOSED));
		});
	}

	send(request: Request): void {
		this.#socket?.write(encode(request));
	}

	unref(): void {
		this.#socket?.unref();
	}

	close(): void {
		const socket = this.#socket;
		this.#socket = undefined;
		socket?.destroy();
	}
}

function isQueueFull({ cause }: GuardError): boolean {
	return (cause as NodeJS.ErrnoException | undefined)?.code === "EAGAIN";
}

function connectionError(cause: NodeJS.ErrnoException, path: string): GuardError {
	switch (cause.code) {
		case "ENOENT":
		case "ECONNREFUSED":
			return new GuardError("no-guard", `no guard listens on ${path}`, { cause });
		case "EACCES":
		case "EPERM":
			return new GuardError("not-permitted", `this user may not connect to ${path}`, { cause });
		case "ECONNRESET":
		case "EPIPE":
			return new GuardError("closed", CLOSED, { cause });
		default:
			return new GuardError("no-answer", `the connection to the guard failed: ${cause.message}`, { cause });
	}
}
