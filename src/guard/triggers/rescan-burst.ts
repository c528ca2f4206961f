/** A burst of scans after an event: one at once, then quick ones while the login or logout behind it is still under way. */

import type { Clock } from "../../system/clock.js";

/**
 * Milliseconds after an event on /dev/pts. mosh-server opens its pty within 1 ms after its bind, so the look at once finds the
 * socket; the glances are for a server that is still moving to the background, and for one that was killed: its pty may go
 * before its socket.
 */
export const RESCAN_DELAYS_MS = [3, 12, 50] as const;

/** The two ways to look: at everything, or (soon after that) only whether there may be something new. */
export interface Looks {
	readonly look: () => void;
	readonly glance: () => void;
}

/** Looks at once, then glances; glances that other bursts already have within a millisecond are not doubled. */
export class RescanBurst {
	readonly #looks: Looks;
	readonly #clock: Clock;
	readonly #timers = new Map<NodeJS.Timeout, number>();

	constructor(looks: Looks, clock: Clock) {
		this.#looks = looks;
		this.#clock = clock;
	}

	trigger(): void {
		const now = this.#clock.now();
		const planned = [...this.#timers.values()];
		this.#looks.look();
		for (const delay of RESCAN_DELAYS_MS) {
			const due = now + delay;
			if (planned.some((other) => Math.abs(other - due) < 1)) continue;
			const timer = setTimeout(() => {
				this.#timers.delete(timer);
				this.#looks.glance();
			}, delay);
			this.#timers.set(timer, due);
		}
	}

	stop(): void {
		for (const timer of this.#timers.keys()) clearTimeout(timer);
		this.#timers.clear();
	}
}
