/** Joins a burst of events into one call: a reload makes hundreds of changes within a second. */

export class Settle {
	#timer: NodeJS.Timeout | undefined;
	#cause = "";

	/** `delayMs` after the first event of a burst, `listener` hears the first cause; the next event starts anew. */
	constructor(
		private readonly listener: (cause: string) => void,
		private readonly delayMs: number,
	) {}

	event(cause: string): void {
		if (this.#timer !== undefined) return;
		this.#cause = cause;
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			this.listener(this.#cause);
		}, this.delayMs);
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}
