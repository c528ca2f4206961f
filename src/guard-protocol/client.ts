/**
 * The guard's socket from the other side: for a mosh-server that reports its port, and for the command line.
 * Unprivileged; whatever goes wrong here must never stop a session.
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

/**
 * After the guard went away, or was not there; it comes back within a second when it is restarted, and may never. No longer,
 * since a guard that is started for one login only (`mosh-portguard hook`) must hear of all sessions while it is there.
 */
const RECONNECT_MS = [200, 500, 1000, 2000, 5000] as const;

/** This user's own socket where the guard has made one, else everybody's. */
export function socketFor(publicSocket: string): string {
	const own = userSocket(process.geteuid?.() ?? 0, publicSocket);
	return existsSync(own) ? own : publicSocket;
}

/** The guard has more connections waiting than its queue holds: it is there, and takes them one after another. */
const CROWDED_RETRY_MS = 20;
const CROWDED_RETRIES = REPORT_BUDGET_MS / CROWDED_RETRY_MS;

/**
 * Sends one request and resolves with its answer. Rejects with GuardError `no-guard`, `not-permitted`, `no-answer`,
 * `closed` or `bad-answer`.
 */
export async function ask(request: Request, path = PUBLIC_SOCKET, budgetMs = 10_000): Promise<Answer> {
	const deadline = AbortSignal.timeout(budgetMs);
	for (;;) {
		try {
			return await askOnce(request, path, budgetMs, deadline);
		} catch (error) {
			if (!(error instanceof GuardError && isCrowded(error)) || deadline.aborted) throw error;
			await sleep(CROWDED_RETRY_MS);
		}
	}
}

async function askOnce(
	request: Request,
	path: string,
	budgetMs: number,
	deadline: AbortSignal,
): Promise<Answer> {
	const line = new GuardLine(path);
	try {
		return await new Promise<Answer>((resolve, reject) => {
			deadline.onabort = () =>
				reject(new GuardError("no-answer", `no answer from the guard within ${budgetMs} ms`));
			line.onAnswer = resolve;
			line.onEnd = reject;
			line.open();
			line.send(request);
		});
	} finally {
		line.close();
	}
}

/** What a session knows of its client. */
export type Facts = Omit<Update, "type">;

/** What became of a report. */
export type Outcome =
	| { readonly state: "open" }
	/** The guard refused, cannot be reached, or took too long. The session goes on. */
	| { readonly state: "not-open"; readonly code: string; readonly reason: string };

/**
 * The lease of one session: reports the socket, waits for the first answer, then stays connected and reports again
 * whenever the guard comes back. Never keeps the process alive by itself, never throws.
 */
export class GuardLease {
	readonly #path: string;
	readonly #socket: WireSocket;
	readonly #pid: number;
	#line: GuardLine | undefined;
	/** The line before, until this one is answered. */
	#replaced: GuardLine | undefined;
	#timer: NodeJS.Timeout | undefined;
	#attempts = 0;
	#crowded = 0;
	#last: { readonly facts: Facts; readonly at: number } | undefined;
	#ended = false;

	constructor(socket: WireSocket, pid = process.pid, path = PUBLIC_SOCKET) {
		this.#socket = socket;
		this.#pid = pid;
		this.#path = path;
	}

	/** Resolves with the first answer, or after `budgetMs`. */
	start(budgetMs = REPORT_BUDGET_MS): Promise<Outcome> {
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

	/** Tells the guard what is known of the client; what is sent while it is away is kept, the latest only. */
	update(facts: Facts): void {
		this.#last = { facts, at: performance.now() };
		this.#line?.send({ type: "update", ...facts });
	}

	/** The guard closes the port once the socket is gone too. */
	stop(): void {
		this.#ended = true;
		clearTimeout(this.#timer);
		this.#line?.close();
		this.#replaced?.close();
		this.#line = undefined;
	}

	#connect(first: (outcome: Outcome) => void): void {
		const path = socketFor(this.#path);
		const line = new GuardLine(path);
		line.onAnswer = (answer) => {
			if (answer.type === "open") {
				this.#attempts = 0;
				if (this.#last !== undefined) line.send({ type: "update", ...aged(this.#last) });
				first({ state: "open" });
				this.#replaced?.close();
				this.#replaced = undefined;
				if (socketFor(this.#path) !== path) this.#moveIn(line);
			} else if (answer.type === "refused" || answer.type === "error") {
				first({ state: "not-open", code: answer.code, reason: answer.reason });
			}
		};
		line.onEnd = (error) => {
			this.#line = undefined;
			if (isCrowded(error) && !this.#ended && this.#crowded++ < CROWDED_RETRIES) {
				this.#timer = setTimeout(() => this.#connect(first), CROWDED_RETRY_MS);
				return;
			}
			first({ state: "not-open", code: error.code, reason: error.message });
			this.#reconnect();
		};
		this.#line = line;
		line.open();
		line.unref();
		line.send({ type: "report", ...this.#socket, pid: this.#pid });
	}

	/** The guard has made this user a socket of his own since: only there does it believe what is said of the client. */
	#moveIn(line: GuardLine): void {
		if (this.#ended) return;
		this.#replaced?.close();
		line.onEnd = () => undefined;
		// It stands until the new one is answered: a guard may close the port of a server that does not report.
		this.#replaced = line;
		this.#connect(() => undefined);
	}

	#reconnect(): void {
		if (this.#ended) return;
		const step = Math.min(this.#attempts++, RECONNECT_MS.length - 1);
		// Spread out: a restarted guard should not meet every session of the host in the same millisecond.
		const wait = (RECONNECT_MS[step] as number) * (0.5 + Math.random());
		this.#timer = setTimeout(() => this.#connect(() => undefined), wait);
		this.#timer.unref();
	}
}

/** Said again later, the times since are longer. */
function aged({ facts, at }: { readonly facts: Facts; readonly at: number }): Facts {
	const age = Math.round(performance.now() - at);
	const { silentMs, idleMs } = facts;
	return {
		...facts,
		...(silentMs !== undefined && { silentMs: silentMs + age }),
		...(idleMs !== undefined && { idleMs: idleMs + age }),
	};
}

const CLOSED = "the guard closed the connection";

/** One connection, as messages. */
class GuardLine {
	onAnswer: (answer: Answer) => void = () => undefined;
	/** Called once, unless `close` was. */
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
			if (this.#socket !== socket) return;
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

function isCrowded({ cause }: GuardError): boolean {
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
