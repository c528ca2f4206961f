/**
 * Who stands behind a connection, and what all connections of that party together may cost: a user, known by the door that
 * only he can pass; the strangers, who share what one user has; root, who is not limited.
 */

import type { Clock } from "../../system/clock.js";
import { RateLimiter } from "../../system/rate-limiter.js";

/** Requests that make the guard look: at once, and per second after that. A login makes one. */
const REQUESTS_AT_ONCE = 40;
const REQUESTS_PER_SECOND = 10;
/** Who would have to wait longer is flooding. An honest server gives up after 2 s. */
const LONGEST_WAIT_MS = 5000;

export type Standing = "root" | "user" | "stranger";

export class Party {
	readonly #requests: RateLimiter;
	#answering: Promise<void> = Promise.resolve();
	/** Sessions on loopback, which hold no lease but stay connected. */
	loopback = 0;

	/** `sessions`: how many ports a user may have open; after a restart of the guard each of them reports at once. */
	constructor(
		readonly standing: Standing,
		/** Undefined for strangers. */
		readonly uid: number | undefined,
		readonly sessions: number,
		clock: Clock,
	) {
		this.#requests = new RateLimiter(Math.max(REQUESTS_AT_ONCE, 2 * sessions), REQUESTS_PER_SECOND, clock);
	}

	get isRoot(): boolean {
		return this.standing === "root";
	}

	/** Resolves when one more request is due; false when it asks for too much. */
	async mayAsk(): Promise<boolean> {
		if (this.isRoot) return true;
		const wait = this.#requests.takeWithin(LONGEST_WAIT_MS);
		if (wait === undefined) return false;
		if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
		return true;
	}

	/** One long answer at a time: the next is made when this one has been taken. */
	oneAtATime(answer: () => Promise<void>): Promise<void> {
		this.#answering = this.#answering.then(answer, answer);
		return this.#answering;
	}
}
