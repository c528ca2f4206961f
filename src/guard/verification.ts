/**
 * What the rules of the host, as they are, do with the ports that the firewall lists as open. Reading all rules takes 50 to
 * 100 ms of commands, so it is done for who asks for the status, never for a login.
 */

import type { Explanation, Opening } from "../firewall/firewall.js";
import type { Clock } from "../system/clock.js";

/** By `openingKey`; an opening that nobody can reach has no explanation. Ends within about two seconds, and never rejects. */
export type Explanations = ReadonlyMap<string, Explanation>;
export type ExplainOpenings = (openings: readonly Opening[]) => Promise<Explanations>;

/** How old it may be for those who may ask as often as they like (ms), or older where it takes long: it may use this share. */
const FRESH_MS = 1000;
const SHARE = 1 / 20;

export class Verification {
	readonly #explain: ExplainOpenings;
	readonly #clock: Clock;
	#found: Explanations = new Map();
	#running: Promise<Explanations> | undefined;
	#last = { at: Number.NEGATIVE_INFINITY, tookMs: 0 };

	constructor(explain: ExplainOpenings, clock: Clock) {
		this.#explain = explain;
		this.#clock = clock;
	}

	/** Anew, unless that is under way. */
	current(openings: readonly Opening[]): Promise<Explanations> {
		this.#running ??= this.#read(openings).finally(() => {
			this.#running = undefined;
		});
		return this.#running;
	}

	/** As it was lately. */
	async recent(openings: readonly Opening[]): Promise<Explanations> {
		const age = this.#clock.now() - this.#last.at;
		const fresh = age <= Math.max(FRESH_MS, this.#last.tookMs / SHARE);
		return fresh ? this.#found : this.current(openings);
	}

	async #read(openings: readonly Opening[]): Promise<Explanations> {
		const began = this.#clock.now();
		this.#found = openings.length === 0 ? new Map() : await this.#explain(openings);
		const at = this.#clock.now();
		this.#last = { at, tookMs: at - began };
		return this.#found;
	}
}
