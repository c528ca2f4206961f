/**
 * What all connections of one user together may cost. A user is known by the socket that only this user can connect to; the
 * anonymous clients of the public socket share the quota of one user; root is not limited.
 */

import type { Clock } from "../../system/clock.js";
import { RateLimiter } from "../../system/rate-limiter.js";

/** Requests that make the guard scan: at once, and per second after that. A login makes one. */
const REQUESTS_AT_ONCE = 40;
const REQUESTS_PER_SECOND = 10;
/** A client that would have to wait longer is flooding. An honest server gives up after 2 s. */
const MAX_WAIT_MS = 5000;

export type ClientKind = "root" | "user" | "anonymous";

export class UserQuota {
	readonly #requests: RateLimiter;
	#answering: Promise<void> = Promise.resolve();
	/** Connected sessions on loopback, which hold no lease. */
	loopback = 0;

	readonly kind: ClientKind;
	/** Undefined for anonymous clients. */
	readonly uid: number | undefined;
	readonly sessions: number;

	/** @param sessions how many ports a user may have open; after a restart of the guard, all of them report at once */
	constructor(kind: ClientKind, uid: number | undefined, sessions: number, clock: Clock) {
		this.kind = kind;
		this.uid = uid;
		this.sessions = sessions;

		this.#requests = new RateLimiter(Math.max(REQUESTS_AT_ONCE, 2 * sessions), REQUESTS_PER_SECOND, clock);
	}

	get isRoot(): boolean {
		return this.kind === "root";
	}

	/** Resolves to true when another request may be served, to false if there are too many. */
	async admitRequest(): Promise<boolean> {
		if (this.isRoot) {
			return true;
		}
		const wait = this.#requests.takeWithin(MAX_WAIT_MS);
		if (wait === undefined) {
			return false;
		}
		if (wait > 0) {
			await new Promise((resolve) => setTimeout(resolve, wait));
		}
		return true;
	}

	/** Long answers are computed one at a time: the next one when this one has been read. */
	oneAtATime(answer: () => Promise<void>): Promise<void> {
		this.#answering = this.#answering.then(answer, answer);
		return this.#answering;
	}
}
