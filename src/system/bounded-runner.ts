/** Runs one piece of work at a time, at a bounded rate, however often it is asked for. */

import type { Clock } from "./clock.js";
import { RateLimiter } from "./rate-limiter.js";

/** Runs that any number of events may cause at once, and per second after that: users can make events for nothing. */
export interface Pace {
	readonly atOnce: number;
	readonly perSecond: number;
}

const DEFAULT_PACE: Pace = { atOnce: 50, perSecond: 100 };

/**
 * Runs `work` one at a time. Whoever asks while it runs gets the next run, which began after he asked, and shares it with
 * all others who do.
 */
export class BoundedRunner {
	readonly #work: () => Promise<void>;
	readonly #allowance: RateLimiter;
	#running: Promise<void> | undefined;
	#next: Promise<void> | undefined;

	/** `work` must not reject. */
	constructor(work: () => Promise<void>, clock: Clock, { atOnce, perSecond } = DEFAULT_PACE) {
		this.#work = work;
		this.#allowance = new RateLimiter(atOnce, perSecond, clock);
	}

	/** Resolves when a run that began after this call has ended. */
	request(): Promise<void> {
		// First of all: it may be about to begin, while nothing runs.
		if (this.#next !== undefined) return this.#next;
		if (this.#running === undefined) return this.#start();
		this.#next = this.#running.then(() => {
			this.#next = undefined;
			return this.#start();
		});
		return this.#next;
	}

	#start(): Promise<void> {
		this.#running = this.#afford()
			.then(this.#work)
			.finally(() => {
				this.#running = undefined;
			});
		return this.#running;
	}

	async #afford(): Promise<void> {
		const wait = this.#allowance.take();
		if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
	}
}
