/**
 * Detects that a different firewall is in force than the one the guard controls (`ufw disable`, then firewalld). The guard then
 * ends, which clears its rules from the old one, and uses the new one after its restart: switching is rare, and a restart is cheap.
 */

import { messageOf } from "../system/errors.js";

/** A check reads each firewall once (20 ms of commands), and logins through the new one fail no longer than this. */
const CHECK_MS = 60_000;
/** Between the stop of one firewall and the start of the other, none is in force: two checks must agree. */
const CONFIRM_MS = 3000;

export class FirewallSwitch {
	/** Resolves with the name of the other firewall. */
	readonly came: Promise<string>;
	readonly #controlled: string;
	readonly #find: () => Promise<string>;
	#resolve: (name: string) => void = () => undefined;
	#timer: NodeJS.Timeout | undefined;
	#checking = false;

	/** A check failed: nothing is changed, the next one follows. */
	readonly #failed: (cause: string) => void;

	/** @param find resolves with the name of the firewall in force; rejects while several are */
	constructor(controlled: string, find: () => Promise<string>, failed: (cause: string) => void) {
		this.#failed = failed;
		this.#controlled = controlled;
		this.#find = find;
		this.came = new Promise((resolve) => {
			this.#resolve = resolve;
		});
	}

	start(): void {
		this.#timer = setInterval(() => void this.check(), CHECK_MS);
	}

	stop(): void {
		clearInterval(this.#timer);
	}

	async check(confirmMs = CONFIRM_MS): Promise<void> {
		if (this.#checking) {
			return;
		}
		this.#checking = true;
		try {
			const first = await this.#find();
			if (first === this.#controlled) {
				return;
			}
			await new Promise((resolve) => setTimeout(resolve, confirmMs));
			const second = await this.#find();
			if (second === first) {
				this.#resolve(second);
			}
		} catch (error) {
			this.#failed(messageOf(error));
		} finally {
			this.#checking = false;
		}
	}
}
