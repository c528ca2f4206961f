/** A group of timers that are cancelled together: none fires, and none is set, before `start` or after `stop`. */

export class TimerGroup {
	readonly #pending = new Set<NodeJS.Timeout>();
	#running = false;

	start(): void {
		this.#running = true;
	}

	stop(): void {
		this.#running = false;
		for (const timer of this.#pending) {
			clearTimeout(timer);
		}
		this.#pending.clear();
	}

	/** @returns cancels it; has no effect once it has fired */
	after(delayMs: number, action: () => void): () => void {
		if (!this.#running) {
			return () => undefined;
		}
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
