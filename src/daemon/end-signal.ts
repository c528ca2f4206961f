/** The signals that end the daemon. */

/**
 * SIGTERM or SIGINT. The handlers stay until everything is cleared: with the last of them gone, a library that also listens
 * (to end its child processes) would take the signal for unhandled and end this process with it.
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
