/** So much at once, so much per second after that: what nobody may make the guard exceed. */

import type { Clock } from "./clock.js";

export class RateLimiter {
	readonly #atOnce: number;
	readonly #perSecond: number;
	readonly #clock: Clock;
	#left: number;
	#countedAt: number;

	constructor(atOnce: number, perSecond: number, clock: Clock) {
		this.#atOnce = atOnce;
		this.#perSecond = perSecond;
		this.#clock = clock;
		this.#left = atOnce;
		this.#countedAt = clock.now();
	}

	/** Takes one more. Milliseconds until it has been earned: 0 when it was there, longer with each one taken too early. */
	take(): number {
		this.#earn();
		this.#left--;
		return Math.max(0, (-this.#left / this.#perSecond) * 1000);
	}

	/** Takes one only if it will have been earned within `patienceMs`: milliseconds until then, or undefined. */
	takeWithin(patienceMs: number): number | undefined {
		this.#earn();
		const wait = Math.max(0, ((1 - this.#left) / this.#perSecond) * 1000);
		if (wait > patienceMs) return undefined;
		this.#left--;
		return wait;
	}

	#earn(): void {
		const now = this.#clock.now();
		const earned = ((now - this.#countedAt) / 1000) * this.#perSecond;
		this.#left = Math.min(this.#atOnce, this.#left + earned);
		this.#countedAt = now;
	}
}
