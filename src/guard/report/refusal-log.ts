/**
 * Logs refusals: at once, or, where the first moments of a login may explain one, only if it still holds after them. A user who
 * causes thousands gets a few lines a minute, the first of which says how many were omitted.
 */

import type { Clock } from "../../system/clock.js";
import { RateLimiter } from "../../system/rate-limiter.js";
import type { TimerGroup } from "../../system/timer-group.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import type { Refusal } from "../sessions/refusals.js";
import type { GuardLog } from "./events.js";

/**
 * Milliseconds. A server that is accepted only by its report is found before it reports, and after a restart of the guard it
 * reports again within seconds (`RECONNECT_MS` in guard-protocol/client.ts); one that moves to the background shares its socket
 * with its parent for some milliseconds.
 */
const GRACE_MS: Partial<Record<Refusal["code"], number>> = { "needs-report": 10_000, "many-holders": 1000 };

/** Lines about one user: at once, and per second after that. */
const LINES_AT_ONCE = 20;
const LINES_PER_SECOND = 0.1;
/** Users whose lines are counted; beyond that, the user refused longest ago is forgotten. */
const MAX_USERS = 1000;
/** Refusals whose grace period has not ended. */
const MAX_WAITING = 1000;

export interface RefusalLogDependencies {
	readonly log: GuardLog;
	readonly clock: Clock;
	readonly timers: TimerGroup;
	/** The current verdict. */
	readonly refusalOf: (socket: UdpSocket) => Refusal | undefined;
}

export class RefusalLog {
	readonly #dependencies: RefusalLogDependencies;
	/** In the order of their last refusals. */
	readonly #users = new Map<number, { readonly lines: RateLimiter; omitted: number }>();
	#waiting = 0;

	constructor(dependencies: RefusalLogDependencies) {
		this.#dependencies = dependencies;
	}

	add(socket: UdpSocket, refusal: Refusal): void {
		const { timers, refusalOf } = this.#dependencies;
		const grace = GRACE_MS[refusal.code];
		if (grace === undefined) {
			this.#write(socket, refusal);
			return;
		}
		if (this.#waiting >= MAX_WAITING) {
			return;
		}
		this.#waiting++;
		timers.after(grace, () => {
			this.#waiting--;
			if (refusalOf(socket)?.code === refusal.code) {
				this.#write(socket, refusal);
			}
		});
	}

	#write(socket: UdpSocket, refusal: Refusal): void {
		const omitted = this.#omittedBefore(socket.uid);
		if (omitted === undefined) {
			return;
		}
		this.#dependencies.log("port.refused", { ...socket, ...refusal, ...(omitted > 0 ? { omitted } : {}) });
	}

	/** How many lines about the user were omitted since the last one; undefined if this one is to be omitted, too. */
	#omittedBefore(uid: number): number | undefined {
		const { clock } = this.#dependencies;
		const user = this.#users.get(uid) ?? {
			lines: new RateLimiter(LINES_AT_ONCE, LINES_PER_SECOND, clock),
			omitted: 0,
		};
		this.#users.delete(uid);
		this.#users.set(uid, user);
		const [oldest] = this.#users.keys();
		if (this.#users.size > MAX_USERS && oldest !== undefined) {
			this.#users.delete(oldest);
		}
		if (user.lines.takeWithin(0) === undefined) {
			user.omitted++;
			return undefined;
		}
		const { omitted } = user;
		user.omitted = 0;
		return omitted;
	}
}
