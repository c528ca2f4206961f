/** Scans after an event: mostly a full one at once, then quick ones while the login or logout behind it is still under way. */

import type { Clock } from "../../system/clock.js";
import type { Scans } from "./trigger.js";

/**
 * Milliseconds after an event on /dev/pts. mosh-server opens its pty within 1 ms after it binds its port, so the first scan
 * finds the socket; the others are for a server that is still moving to the background, and for one that was killed: its pty
 * may disappear before its socket.
 */
export const RESCAN_DELAYS_MS = [3, 12, 50] as const;

export class RescanBurst {
	readonly #scans: Scans;
	readonly #clock: Clock;
	/** Pending quick scans, each with its due time. */
	readonly #timers = new Map<NodeJS.Timeout, number>();

	constructor(scans: Scans, clock: Clock) {
		this.#scans = scans;
		this.#clock = clock;
	}

	/**
	 * Quick scans that other bursts have due within a millisecond are not doubled.
	 * @param isToldBesides as in `OnEvent`: by the last of the quick scans it has been dealt with, and that one alone is made, in case it
	 * was not
	 */
	trigger(isToldBesides = false): void {
		const now = this.#clock.now();
		const pending = [...this.#timers.values()];
		if (!isToldBesides) {
			this.#scans.full();
		}
		for (const delay of isToldBesides ? RESCAN_DELAYS_MS.slice(-1) : RESCAN_DELAYS_MS) {
			const due = now + delay;
			if (pending.some((other) => Math.abs(other - due) < 1)) {
				continue;
			}
			const timer = setTimeout(() => {
				this.#timers.delete(timer);
				this.#scans.quick();
			}, delay);
			this.#timers.set(timer, due);
		}
	}

	stop(): void {
		for (const timer of this.#timers.keys()) {
			clearTimeout(timer);
		}
		this.#timers.clear();
	}
}
