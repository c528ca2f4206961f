/** Waits for the signals that end the daemon. */

/**
 * SIGTERM or SIGINT. The handlers stay until everything is cleared: without them, a library that also handles these signals, to
 * terminate its child processes, would re-raise them and end this process.
 */
export class EndSignal {
	readonly came: Promise<void>;
	#resolve: () => void = () => undefined;

	constructor() {
		this.came = new Promise((resolve) => {
			this.#resolve = resolve;
		});
		process.on("SIGTERM", this.#resolve);
		process.on("SIGINT", this.#resolve);
	}

	forget(): void {
		process.off("SIGTERM", this.#resolve);
		process.off("SIGINT", this.#resolve);
	}
}
