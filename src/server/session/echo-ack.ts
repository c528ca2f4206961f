/**
 * The echo ack (protocol §4.3): tells the client which of its states the program has had time to react to, so that the
 * client can judge its predictions.
 */

/** How long (ms) a program has to react to a key before the client may consider a prediction wrong. */
export const ECHO_DELAY_MS = 50;
/**
 * After so long (ms) it goes by itself, before that only with something else: as much later as the stock server waits for other
 * changes. The session need not wake twice for it.
 */
export const ALONE_AFTER_MS = 58;

export class EchoAck {
	#pending: { number: bigint; at: number }[] = [];
	#acknowledged = 0n;

	/** Number of the newest client state older than the delay. Never decreases: the client would abort. */
	get acknowledged(): bigint {
		return this.#acknowledged;
	}

	/** Input of client state `number` reached the program at `now` (ms). Each number is registered once. */
	register(number: bigint, now: number): void {
		this.#pending.push({ number, at: now });
	}

	/** Input has reached the program that is not acknowledged. */
	get pending(): boolean {
		return this.#pending.length > 0;
	}

	/**
	 * Returns whether the echo ack changed.
	 * @param delayMs how long ago input has reached the program that counts: at 0 the client gives up its predictions at once
	 */
	advance(now: number, delayMs: number): boolean {
		let due = 0;
		while (due < this.#pending.length && (this.#pending[due]?.at ?? now) + delayMs <= now) {
			due++;
		}
		const newest = this.#pending[due - 1];
		if (newest === undefined) {
			return false;
		}
		this.#pending.splice(0, due);
		// A misbehaving client could number its states backwards; the ack must not follow.
		const changed = newest.number > this.#acknowledged;
		this.#acknowledged = changed ? newest.number : this.#acknowledged;
		return changed;
	}

	/** Milliseconds until an ack is worth a frame of its own, 0 or more; Infinity when nothing is pending. */
	waitTime(now: number): number {
		const next = this.#pending[0];
		return next === undefined ? Number.POSITIVE_INFINITY : Math.max(0, next.at + ALONE_AFTER_MS - now);
	}
}
