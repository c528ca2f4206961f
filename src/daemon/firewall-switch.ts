/**
 * Notices that another firewall has come into force than the one the guard steers (`ufw disable`, then firewalld). The guard
 * then ends, clearing up in the old one, and its next start takes the new one: switching is rare, and a start is cheap.
 */

import { messageOf } from "../system/errors.js";

/** A look reads each firewall once (20 ms of commands), and logins through the new one fail no longer than this. */
const LOOK_MS = 60_000;
/** While one firewall has stopped and the other has not started, none is in force: two looks must agree. */
const CONFIRM_MS = 3000;

/** `find` tells the name of the firewall in force; it rejects while several are. */
export class FirewallSwitch {
	readonly came: Promise<string>;
	readonly #steered: string;
	readonly #find: () => Promise<string>;
	#resolve: (name: string) => void = () => undefined;
	#timer: NodeJS.Timeout | undefined;
	#looking = false;

	constructor(
		steered: string,
		find: () => Promise<string>,
		/** A look that failed: nothing is done, another one follows. */
		private readonly failed: (cause: string) => void,
	) {
		this.#steered = steered;
		this.#find = find;
		this.came = new Promise((resolve) => {
			this.#resolve = resolve;
		});
	}

	start(): void {
		this.#timer = setInterval(() => void this.look(), LOOK_MS);
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	async look(confirmMs = CONFIRM_MS): Promise<void> {
		if (this.#looking) return;
		this.#looking = true;
		try {
			const first = await this.#find();
			if (first === this.#steered) return;
			await new Promise((resolve) => setTimeout(resolve, confirmMs));
			const second = await this.#find();
			if (second === first) this.#resolve(second);
		} catch (error) {
			this.failed(messageOf(error));
		} finally {
			this.#looking = false;
		}
	}
}
