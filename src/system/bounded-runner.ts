/** Runs a task one at a time and at a bounded rate, however often it is requested. */

import type { Clock } from "./clock.js";
import { RateLimiter } from "./rate-limiter.js";

/** A token bucket: `atOnce` at once, `perSecond` after that. */
export interface Rate {
	readonly atOnce: number;
	readonly perSecond: number;
}

/** Events cost users nothing, so the runs they cause are limited. */
const DEFAULT_RATE: Rate = { atOnce: 50, perSecond: 100 };

/** All requests made during a run share the next one, which begins after them. */
export class BoundedRunner {
	readonly #work: () => Promise<void>;
	readonly #limiter: RateLimiter;
	#running: Promise<void> | undefined;
	#next: Promise<void> | undefined;

	/** @param work must not reject */
	constructor(work: () => Promise<void>, clock: Clock, { atOnce, perSecond } = DEFAULT_RATE) {
		this.#work = work;
		this.#limiter = new RateLimiter(atOnce, perSecond, clock);
	}

	/** Resolves when a run that began after this call has ended. */
	request(): Promise<void> {
		// Checked first: the next run may be about to begin while none is running.
		if (this.#next !== undefined) {
			return this.#next;
		}
		if (this.#running === undefined) {
			return this.#start();
		}
		this.#next = this.#running.then(() => {
			this.#next = undefined;
			return this.#start();
		});
		return this.#next;
	}

	#start(): Promise<void> {
		this.#running = this.#waitForRate()
			.then(this.#work)
			.finally(() => {
				this.#running = undefined;
			});
		return this.#running;
	}

	async #waitForRate(): Promise<void> {
		const wait = this.#limiter.take();
		if (wait > 0) {
			await new Promise((resolve) => setTimeout(resolve, wait));
		}
	}
}
