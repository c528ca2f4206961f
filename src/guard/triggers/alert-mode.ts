/** While a login is announced the guard looks closely, whatever events this host has or lacks. */

import type { Clock } from "../../system/clock.js";
import type { TimerGroup } from "../../system/timer-group.js";
import type { Looks } from "./rescan-burst.js";

/** On a host without /dev/pts events this alone must beat the client's first datagram. */
const POLL_MS = 20;
/** Of this many polls one is a look, the others are glances. */
const POLLS_PER_LOOK = 5;

export class AlertMode {
	readonly #clock: Clock;
	readonly #timers: TimerGroup;
	readonly #looks: Looks;
	#until = 0;

	/** `timers` end with the guard, and the looks with them. */
	constructor(clock: Clock, timers: TimerGroup, looks: Looks) {
		this.#clock = clock;
		this.#timers = timers;
		this.#looks = looks;
	}

	/** Looks now and then until `seconds` from now, or longer when that was asked for before. */
	arm(seconds: number): void {
		const wasArmed = this.leftMs > 0;
		this.#until = Math.max(this.#until, this.#clock.now() + seconds * 1000);
		if (wasArmed) return;
		this.#looks.look();
		this.#poll(1);
	}

	get leftMs(): number {
		return Math.max(0, this.#until - this.#clock.now());
	}

	#poll(count: number): void {
		this.#timers.after(POLL_MS, () => {
			if (this.leftMs === 0) return;
			if (count % POLLS_PER_LOOK === 0) this.#looks.look();
			else this.#looks.glance();
			this.#poll(count + 1);
		});
	}
}
