/**
 * Keeps a program's unfinished synchronized update (mode 2026) from the client for a limited time. Input ends the hold: what
 * answers a key, and what Ctrl-C leaves behind, is shown at once.
 */

/** How long (ms) an update is kept back at most. Terminals that support the mode wait between 100 ms and a second. */
export const MAX_HOLD_MS = 150;

/** All times are milliseconds on the session's clock. */
export class SynchronizedUpdate {
	/** The update the program is in. */
	#update: number | undefined;
	#until = Number.NEGATIVE_INFINITY;

	/** Output has been interpreted. @param update number of the update the program is in, if any: each has its own */
	output(update: number | undefined, now: number): void {
		if (update !== this.#update) {
			this.#update = update;
			this.#until = update === undefined ? Number.NEGATIVE_INFINITY : now + MAX_HOLD_MS;
		}
	}

	/** Shows the rest of the update as it comes. Returns whether anything was kept back. */
	release(): boolean {
		const held = this.#until > Number.NEGATIVE_INFINITY;
		this.#until = Number.NEGATIVE_INFINITY;
		return held;
	}

	/** Whether the update is to be kept back. */
	holds(now: number): boolean {
		return now < this.#until;
	}

	/** Returns true once when the time is over. */
	expired(now: number): boolean {
		return !this.holds(now) && this.release();
	}

	/** Milliseconds until `expired`; Infinity while nothing is kept back. */
	waitTime(now: number): number {
		return this.#until > Number.NEGATIVE_INFINITY ? Math.max(0, this.#until - now) : Number.POSITIVE_INFINITY;
	}
}
