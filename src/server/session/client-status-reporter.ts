/** Tells the guard where a session's client is and when it was active, so that `status` can show it. */

import type { ClientStatus, GuardLease } from "../../guard-protocol/client.js";
import type { Clock } from "../../system/clock.js";
import type { ClientActivity } from "./session.js";

/** What of it the guard is told. */
type Reported = Omit<ClientActivity, "port">;

/**
 * How old (ms) the guard's information may become while the client is connected. A client is heard at least every 3 s;
 * with a hundred sessions, passing on each datagram would cost the guard more than everything else it does.
 */
export const REPORT_INTERVAL_MS = 15_000;

export class ClientStatusReporter {
	readonly #lease: Pick<GuardLease, "update">;
	readonly #activity: () => Reported;
	readonly #clock: Clock;
	#nextAt = Number.NEGATIVE_INFINITY;

	constructor(lease: Pick<GuardLease, "update">, activity: () => Reported, clock: Clock) {
		this.#lease = lease;
		this.#activity = activity;
		this.#clock = clock;
	}

	/** Reports at once: the client's address has changed, or the client is back. */
	report(): void {
		const now = this.#clock.now();
		const status = statusOf(this.#activity(), now);
		if (status !== undefined) {
			this.#nextAt = now + REPORT_INTERVAL_MS;
			this.#lease.update(status);
		}
	}

	/** Reports unless the last report is recent. Cheap enough to be called for every datagram. */
	reportIfDue(): void {
		if (this.#clock.now() >= this.#nextAt) {
			this.report();
		}
	}
}

function statusOf(activity: Reported, now: number): ClientStatus | undefined {
	const { peer, lastHeardAt, lastInputAt, watchers, ending } = activity;
	if (peer === undefined || lastHeardAt === undefined) {
		return undefined;
	}
	return {
		// The guard takes numeric addresses only, without a zone.
		client: { address: peer.address.replace(/%.*$/, ""), port: peer.port },
		silentMs: Math.round(now - lastHeardAt),
		...(lastInputAt !== undefined && { idleMs: Math.round(now - lastInputAt) }),
		...(watchers > 0 && { watchers }),
		...(ending && { ending }),
	};
}
