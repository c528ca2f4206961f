/** Keeps the guard's picture of a session's client fresh enough for a person who asks for the status. */

import type { Facts, GuardLease } from "../../guard-protocol/client.js";
import type { Clock } from "../../system/clock.js";
import type { Contact } from "./session.js";

/**
 * How old (ms) what the guard knows may grow while the client is there. A client is heard every 3 s at least; with a
 * hundred sessions each of its datagrams would cost the guard more than everything else it does.
 */
export const NEWS_INTERVAL_MS = 15_000;

export class GuardNews {
	readonly #lease: Pick<GuardLease, "update">;
	readonly #contact: () => Contact;
	readonly #clock: Clock;
	#next = Number.NEGATIVE_INFINITY;

	constructor(lease: Pick<GuardLease, "update">, contact: () => Contact, clock: Clock) {
		this.#lease = lease;
		this.#contact = contact;
		this.#clock = clock;
	}

	/** The client has another address, or is back. */
	now(): void {
		const now = this.#clock.now();
		const facts = factsOf(this.#contact(), now);
		if (facts !== undefined) {
			this.#next = now + NEWS_INTERVAL_MS;
			this.#lease.update(facts);
		}
	}

	/** Something came from the network; costs nothing until the interval is over. */
	later(): void {
		if (this.#clock.now() >= this.#next) {
			this.now();
		}
	}
}

function factsOf({ peer, heardAt, typedAt }: Contact, now: number): Facts | undefined {
	if (peer === undefined || heardAt === undefined) {
		return undefined;
	}
	return {
		client: { address: peer.address.replace(/%.*$/, ""), port: peer.port },
		silentMs: Math.round(now - heardAt),
		...(typedAt !== undefined && { idleMs: Math.round(now - typedAt) }),
	};
}
