/** While a login is announced the guard looks closely, whatever events this host has or lacks. */

import type { Clock } from "../clock.js";
import type { Timers } from "./schedule.js";

/** On a host without /dev/pts events this alone must beat the client's first datagram. */
const POLL_MS = 20;

export class Arming {
	readonly #clock: Clock;
	readonly #timers: Timers;
	readonly #wake: () => void;
	#until = 0;

	/** `timers` end with the guard, and the looks with them. */
	constructor(clock: Clock, timers: Timers, wake: () => void) {
		this.#clock = clock;
		this.#timers = timers;
		this.#wake = wake;
	}

	/** Looks now, and then until `seconds` from now, or longer when that was asked for before. */
	arm(seconds: number): void {
		const wasArmed = this.leftMs > 0;
		this.#until = Math.max(this.#until, this.#clock.now() + seconds * 1000);
		this.#wake();
		if (!wasArmed) this.#poll();
	}

	get leftMs(): number {
		return Math.max(0, this.#until - this.#clock.now());
	}

	#poll(): void {
		this.#timers.after(POLL_MS, () => {
			if (this.leftMs === 0) return;
			this.#wake();
			this.#poll();
		});
	}
}
