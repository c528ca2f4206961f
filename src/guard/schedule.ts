/** When to look: a burst of scans after each event, one run at a time, never more than the guard can afford. */

import type { Clock } from "../clock.js";
import { Allowance } from "./allowance.js";

/**
 * Milliseconds after an event on /dev/pts. mosh-server opens its pty within 1 ms after its bind, so the look at once finds the
 * socket; the glances are for a server that is still moving to the background, and for one that was killed: its pty may go
 * before its socket.
 */
export const GLANCES_MS = [3, 12, 50] as const;

/** Runs that any number of events may cause at once, and per second after that: users can make events for nothing. */
export interface Pace {
	readonly atOnce: number;
	readonly perSecond: number;
}

const DEFAULT_PACE: Pace = { atOnce: 50, perSecond: 100 };

/** The two ways to look: at everything, or (soon after that) only whether there may be something new. */
export interface Looks {
	readonly look: () => void;
	readonly glance: () => void;
}

/** Looks at once, then glances; glances that other bursts already have within a millisecond are not doubled. */
export class Burst {
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
		for (const delay of GLANCES_MS) {
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

/**
 * Runs `work` one at a time. Whoever asks while it runs gets the next run, which began after he asked, and shares it with
 * all others who do.
 */
export class SingleFlight {
	readonly #work: () => Promise<void>;
	readonly #allowance: Allowance;
	#running: Promise<void> | undefined;
	#next: Promise<void> | undefined;

	/** `work` must not reject. */
	constructor(work: () => Promise<void>, clock: Clock, { atOnce, perSecond } = DEFAULT_PACE) {
		this.#work = work;
		this.#allowance = new Allowance(atOnce, perSecond, clock);
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

/** Timers that end together: none fires, and none is set, after `stop`. */
export class Timers {
	readonly #pending = new Set<NodeJS.Timeout>();
	#running = false;

	start(): void {
		this.#running = true;
	}

	stop(): void {
		this.#running = false;
		for (const timer of this.#pending) clearTimeout(timer);
		this.#pending.clear();
	}

	/** @returns calls it off; harmless when it has fired */
	after(delayMs: number, action: () => void): () => void {
		if (!this.#running) return () => undefined;
		const timer = setTimeout(() => {
			this.#pending.delete(timer);
			action();
		}, delayMs);
		this.#pending.add(timer);
		return () => {
			clearTimeout(timer);
			this.#pending.delete(timer);
		};
	}

	every(periodMs: number, action: () => void): void {
		this.after(periodMs, () => {
			action();
			this.every(periodMs, action);
		});
	}
}
