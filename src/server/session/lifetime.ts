/** How long a session waits for its client: for the first one, until it is shown as away, and time limits (protocol §6.6). */

import type { Timeouts } from "./timeouts.js";

/** Without a client after this long (ms) nobody is coming any more. */
export const FIRST_CLIENT_LIMIT_MS = 60_000;
/** A client unheard of for this long (ms) is shown as away in utmp. */
export const AWAY_AFTER_MS = 30_000;
/** While a shutdown has no client to be sent to, nothing but time ends it: how often to check (ms). */
export const SHUTDOWN_CHECK_MS = 5_000;

export type LifetimeEvent =
	/** No client has connected in time. */
	| "no-client"
	/** The client has not been heard for AWAY_AFTER_MS. Reported once per absence. */
	| "away"
	/** The administrator's network timeout has passed. Reported until the session shuts down. */
	| "silence";

/** All times are milliseconds on the session's clock. */
export class Lifetime {
	readonly #timeouts: Timeouts;
	#client: "awaited" | "present" | "away" = "awaited";
	/** When the client last sent a new state; the session's start before the first one. */
	#heardAt: number;
	#shuttingDown = false;

	constructor(timeouts: Timeouts, startedAt: number) {
		this.#timeouts = timeouts;
		this.#heardAt = startedAt;
	}

	/** The client sent a new state at `at`. Returns whether it was the first. */
	heard(at: number): boolean {
		const first = this.#client === "awaited";
		this.#client = "present";
		this.#heardAt = at;
		return first;
	}

	/** A client may come that has just been told where: if there has been none, it has the whole time for it. */
	promised(now: number): void {
		if (this.#client === "awaited") {
			this.#heardAt = now;
		}
	}

	/** From here on the shutdown's own limits apply, not the network timeout. */
	shutDown(): void {
		this.#shuttingDown = true;
	}

	/** Whether SIGUSR1 ends the session: it does unless the client was heard within the signal timeout. */
	endsOnUsr1(now: number): boolean {
		const { signal } = this.#timeouts;
		return signal === undefined || now - this.#heardAt >= signal;
	}

	/** Returns what has become due. */
	advance(now: number): LifetimeEvent[] {
		const events: LifetimeEvent[] = [];
		if (now >= this.#noClientAt) {
			events.push("no-client");
		}
		if (now >= this.#awayAt) {
			this.#client = "away";
			events.push("away");
		}
		if (now >= this.#silenceAt) {
			events.push("silence");
		}
		return events;
	}

	/** Milliseconds until `advance` may have something to report, 0 or more; Infinity: never. */
	waitTime(now: number): number {
		const next = Math.min(this.#noClientAt, this.#awayAt, this.#silenceAt) - now;
		return Math.max(0, this.#shuttingDown ? Math.min(next, SHUTDOWN_CHECK_MS) : next);
	}

	get #noClientAt(): number {
		return this.#client === "awaited" ? this.#heardAt + FIRST_CLIENT_LIMIT_MS : Number.POSITIVE_INFINITY;
	}

	get #awayAt(): number {
		return this.#client === "present" ? this.#heardAt + AWAY_AFTER_MS : Number.POSITIVE_INFINITY;
	}

	get #silenceAt(): number {
		const { network } = this.#timeouts;
		const applies = network !== undefined && this.#client !== "awaited" && !this.#shuttingDown;
		return applies ? this.#heardAt + network : Number.POSITIVE_INFINITY;
	}
}
