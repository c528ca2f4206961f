/**
 * A line for each refusal; for one that a login's first moments may explain only if it still holds after them. Whoever makes
 * refusals by the thousand gets a few lines a minute, the first of which says how many were left out.
 */

import type { Clock } from "../../system/clock.js";
import { RateLimiter } from "../../system/rate-limiter.js";
import type { TimerGroup } from "../../system/timer-group.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import type { Refusal } from "../sessions/refusals.js";
import type { GuardLog } from "./events.js";

/**
 * Milliseconds. A server that counts by its report alone is seen before it reports, and after a restart of the guard reports
 * again within seconds (`RECONNECT_MS` in wire/client.ts); one that leaves the foreground shares its socket with its parent for
 * some milliseconds.
 */
const GRACE_MS: Partial<Record<Refusal["code"], number>> = { "needs-report": 10_000, "many-holders": 1000 };

/** Lines about one user at once, and a second after that. */
const LINES_AT_ONCE = 20;
const LINES_PER_SECOND = 0.1;
/** Users who are remembered; beyond that the one heard of longest ago begins anew. */
const MOST_USERS = 1000;
/** Lines that wait for their grace. */
const MOST_WAITING = 1000;

export interface RefusalLogParts {
	readonly log: GuardLog;
	readonly clock: Clock;
	readonly timers: TimerGroup;
	/** As it is now. */
	readonly refusalOf: (socket: UdpSocket) => Refusal | undefined;
}

export class RefusalLog {
	readonly #parts: RefusalLogParts;
	/** In the order they were last heard of. */
	readonly #users = new Map<number, { readonly lines: RateLimiter; omitted: number }>();
	#waiting = 0;

	constructor(parts: RefusalLogParts) {
		this.#parts = parts;
	}

	tell(socket: UdpSocket, refusal: Refusal): void {
		const { timers, refusalOf } = this.#parts;
		const grace = GRACE_MS[refusal.code];
		if (grace === undefined) {
			this.#write(socket, refusal);
			return;
		}
		if (this.#waiting >= MOST_WAITING) return;
		this.#waiting++;
		timers.after(grace, () => {
			this.#waiting--;
			if (refusalOf(socket)?.code === refusal.code) this.#write(socket, refusal);
		});
	}

	#write(socket: UdpSocket, refusal: Refusal): void {
		const omitted = this.#omittedBefore(socket.uid);
		if (omitted === undefined) return;
		this.#parts.log("port.refused", { ...socket, ...refusal, ...(omitted > 0 ? { omitted } : {}) });
	}

	/** How many lines about the user were left out since the last one; undefined when this one is too. */
	#omittedBefore(uid: number): number | undefined {
		const { clock } = this.#parts;
		const user = this.#users.get(uid) ?? {
			lines: new RateLimiter(LINES_AT_ONCE, LINES_PER_SECOND, clock),
			omitted: 0,
		};
		this.#users.delete(uid);
		this.#users.set(uid, user);
		const [oldest] = this.#users.keys();
		if (this.#users.size > MOST_USERS && oldest !== undefined) this.#users.delete(oldest);
		if (user.lines.takeWithin(0) === undefined) {
			user.omitted++;
			return undefined;
		}
		const { omitted } = user;
		user.omitted = 0;
		return omitted;
	}
}
