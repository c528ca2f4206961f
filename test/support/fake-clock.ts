/** A clock that stands still until told otherwise. */
import type { Clock } from "../../src/system/clock.js";

export class FakeClock implements Clock {
	#now: number;

	constructor(now = 100_000) {
		this.#now = now;
	}

	now(): number {
		return this.#now;
	}

	/** Moves on by `ms`. */
	advance(ms: number): void {
		this.#now += ms;
	}

	/** Moves on to `time`; going back is ignored. */
	advanceTo(time: number): void {
		this.#now = Math.max(this.#now, time);
	}
}
