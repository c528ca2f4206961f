/**
 * When a session gives memory back: once it is calm after its beginning, and whenever it is calm again after output. That pauses
 * the session for some 10 ms, so nobody must have typed for a while. A session that stays calm is not looked at again.
 */

import type { Clock } from "../../system/clock.js";
import type { TimerService } from "./timer-service.js";

/** How often (ms) a session is looked at that has something to give back. */
export const LOOK_MS = 3_000;
/** V8 considers the last 5 s: so many looks in succession must find the session calm. Within 9 s memory has been given back. */
export const CALM_LOOKS = 2;
/** Bytes of output between two looks that a calm session may have: a few screens of `top`. */
export const CALM_BYTES = 16 << 10;
/** Bytes of output after which there is something to give back: what some minutes of typing or a few pages of text show. */
export const BUSY_BYTES = 16 << 10;

export interface ReleaseParts {
	readonly clock: Clock;
	readonly timers: TimerService;
	/** When the user last typed, on `clock`; undefined: never. */
	readonly lastInputAt: () => number | undefined;
	readonly release: () => void;
	/** The first output after `release` that counts. */
	readonly busy: () => void;
}

export class ReleaseTiming {
	readonly #parts: ReleaseParts;
	/** Bytes of output since memory was last given back, and of these, at the last look. */
	#written = 0;
	#seen = 0;
	#calmLooks = 0;
	/** Set while the session is looked at. */
	#cancel: (() => void) | undefined;
	#over = false;

	constructor(parts: ReleaseParts) {
		this.#parts = parts;
	}

	/** The session has begun, which leaves garbage. */
	start(): void {
		this.#watch();
	}

	/** The program has written so many bytes. */
	output(bytes: number): void {
		this.#written += bytes;
		if (this.#written >= BUSY_BYTES && this.#cancel === undefined && !this.#over) {
			this.#parts.busy();
			this.#watch();
		}
	}

	/** The session is over. */
	stop(): void {
		this.#over = true;
		this.#cancel?.();
	}

	#watch(): void {
		this.#seen = this.#written;
		this.#cancel = this.#parts.timers.after(LOOK_MS, this.#look);
	}

	readonly #look = (): void => {
		this.#calmLooks = this.#isCalm() ? this.#calmLooks + 1 : 0;
		if (this.#calmLooks < CALM_LOOKS) {
			this.#watch();
			return;
		}
		this.#cancel = undefined;
		this.#calmLooks = 0;
		this.#written = 0;
		this.#parts.release();
	};

	#isCalm(): boolean {
		const { clock, lastInputAt } = this.#parts;
		const typedAt = lastInputAt() ?? Number.NEGATIVE_INFINITY;
		return this.#written - this.#seen <= CALM_BYTES && clock.now() - typedAt >= LOOK_MS;
	}
}
