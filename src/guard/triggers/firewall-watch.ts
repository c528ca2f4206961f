/** Tells when the firewall's rules were changed by another hand, no oftener than reading them back is worth. */

import type { Firewall, Watch } from "../../firewall/firewall.js";
import type { Clock } from "../../system/clock.js";

/** Reading the firewall back costs a process or two, and a script of the admin's may change a hundred rules. */
const REREAD_MS = 50;

export class FirewallWatch {
	readonly #firewall: Firewall;
	readonly #clock: Clock;
	readonly #changed: (cause: string) => void;
	#watch: Watch | undefined;
	#timer: NodeJS.Timeout | undefined;
	#toldAt = Number.NEGATIVE_INFINITY;

	constructor(firewall: Firewall, clock: Clock, changed: (cause: string) => void) {
		this.#firewall = firewall;
		this.#clock = clock;
		this.#changed = changed;
	}

	/** Rejects when the firewall cannot be watched. */
	async start(): Promise<void> {
		this.#watch = await this.#firewall.watch((cause) => {
			const wait = Math.max(0, this.#toldAt + REREAD_MS - this.#clock.now());
			this.#timer ??= setTimeout(() => {
				this.#timer = undefined;
				this.#toldAt = this.#clock.now();
				this.#changed(cause);
			}, wait);
		});
	}

	async stop(): Promise<void> {
		clearTimeout(this.#timer);
		const watch = this.#watch;
		this.#watch = undefined;
		await watch?.stop();
	}
}
