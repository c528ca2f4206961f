/** Combines bursts of events into few calls: a firewall reload causes hundreds of events within a second. */

export interface ThrottlePace {
	/** From the first event of a burst to the call. */
	readonly delayMs: number;
	/** Between two calls while events continue. */
	readonly intervalMs: number;
}

export class Throttle {
	#timer: NodeJS.Timeout | undefined;
	#lastCall = Number.NEGATIVE_INFINITY;

	private readonly listener: (cause: string) => void;
	private readonly pace: ThrottlePace;

	constructor(listener: (cause: string) => void, pace: ThrottlePace) {
		this.listener = listener;
		this.pace = pace;
	}

	/** `listener` is told the first cause of each burst. */
	event(cause: string): void {
		if (this.#timer !== undefined) {
			return;
		}
		const untilNext = this.#lastCall + this.pace.intervalMs - performance.now();
		this.#timer = setTimeout(
			() => {
				this.#timer = undefined;
				this.#lastCall = performance.now();
				this.listener(cause);
			},
			Math.max(this.pace.delayMs, untilNext),
		);
	}

	stop(): void {
		clearTimeout(this.#timer);
		this.#timer = undefined;
	}
}
