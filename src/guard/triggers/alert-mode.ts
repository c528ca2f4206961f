/** Frequent scans while an announced login is expected, whatever events this host has or lacks. */

import type { Clock } from "../../system/clock.js";
import type { TimerGroup } from "../../system/timer-group.js";
import type { Scans } from "./trigger.js";

/** On a host without /dev/pts events, this alone must be faster than the client's first datagram. */
const SCAN_MS = 20;
/** One scan of this many is full, the others are quick. */
const SCANS_PER_FULL_SCAN = 5;

export class AlertMode {
	readonly #clock: Clock;
	readonly #timers: TimerGroup;
	readonly #scans: Scans;
	#until = 0;

	/** `timers` end with the guard. */
	constructor(clock: Clock, timers: TimerGroup, scans: Scans) {
		this.#clock = clock;
		this.#timers = timers;
		this.#scans = scans;
	}

	/** Scans until `seconds` from now, or longer if that was requested before. */
	extend(seconds: number): void {
		const wasActive = this.remainingMs > 0;
		this.#until = Math.max(this.#until, this.#clock.now() + seconds * 1000);
		if (wasActive) {
			return;
		}
		this.#scans.full();
		this.#scanLater(1);
	}

	get remainingMs(): number {
		return Math.max(0, this.#until - this.#clock.now());
	}

	#scanLater(count: number): void {
		this.#timers.after(SCAN_MS, () => {
			if (this.remainingMs === 0) {
				return;
			}
			if (count % SCANS_PER_FULL_SCAN === 0) {
				this.#scans.full();
			} else {
				this.#scans.quick();
			}
			this.#scanLater(count + 1);
		});
	}
}
