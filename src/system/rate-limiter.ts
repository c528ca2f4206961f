/** A token bucket: so many at once, so many per second after that. */

import type { Clock } from "./clock.js";

export class RateLimiter {
	readonly #atOnce: number;
	readonly #perSecond: number;
	readonly #clock: Clock;
	#tokens: number;
	#refilledAt: number;

	constructor(atOnce: number, perSecond: number, clock: Clock) {
		this.#atOnce = atOnce;
		this.#perSecond = perSecond;
		this.#clock = clock;
		this.#tokens = atOnce;
		this.#refilledAt = clock.now();
	}

	/** Takes a token, even in advance. Returns the milliseconds until it is due: 0 if it was available. */
	take(): number {
		this.#refill();
		this.#tokens--;
		return Math.max(0, (-this.#tokens / this.#perSecond) * 1000);
	}

	/** Takes a token only if it is due within `maxWaitMs`. Returns the milliseconds until then, or undefined. */
	takeWithin(maxWaitMs: number): number | undefined {
		this.#refill();
		const wait = Math.max(0, ((1 - this.#tokens) / this.#perSecond) * 1000);
		if (wait > maxWaitMs) {
			return undefined;
		}
		this.#tokens--;
		return wait;
	}

	#refill(): void {
		const now = this.#clock.now();
		const added = ((now - this.#refilledAt) / 1000) * this.#perSecond;
		this.#tokens = Math.min(this.#atOnce, this.#tokens + added);
		this.#refilledAt = now;
	}
}
