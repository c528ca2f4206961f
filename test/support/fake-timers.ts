/** Timers of a session that run by a fake clock. */
import type { TimerService } from "../../src/server/session/timer-service.js";
import type { FakeClock } from "./fake-clock.js";

export class FakeTimers implements TimerService {
	readonly #clock: FakeClock;
	#soon: (() => void)[] = [];
	readonly #later = new Set<{ at: number; run: () => void }>();

	constructor(clock: FakeClock) {
		this.#clock = clock;
	}

	after(ms: number, run: () => void): () => void {
		const entry = { at: this.#clock.now() + ms, run };
		this.#later.add(entry);
		return () => this.#later.delete(entry);
	}

	soon(run: () => void): void {
		this.#soon.push(run);
	}

	/** Runs what is due now. */
	settle(): void {
		for (;;) {
			const due = [...this.#later].filter(({ at }) => at <= this.#clock.now());
			const ready = this.#soon;
			this.#soon = [];
			if (due.length === 0 && ready.length === 0) {
				return;
			}
			for (const run of ready) {
				run();
			}
			for (const entry of due) {
				if (this.#later.delete(entry)) {
					entry.run();
				}
			}
		}
	}

	/** Milliseconds to the next timer; Infinity without one. */
	waitTime(): number {
		return Math.min(...[...this.#later].map(({ at }) => at - this.#clock.now()), Number.POSITIVE_INFINITY);
	}

	get pending(): number {
		return this.#later.size + this.#soon.length;
	}
}
