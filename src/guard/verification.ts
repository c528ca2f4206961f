/**
 * What the rules of the host, as they are, do with the ports that the firewall lists as open. Reading all rules takes 50 to
 * 100 ms of commands, so it is done for who asks for the status, never for a login.
 */

import type { Explanation, Opening } from "../firewall/firewall.js";
import type { Clock } from "../system/clock.js";

/** By `openingKey`; an opening that nobody can reach has no explanation. Never rejects. */
export type Explanations = ReadonlyMap<string, Explanation>;
/** @param withinMs what is not known by then is unknown */
export type ExplainOpenings = (openings: readonly Opening[], withinMs: number) => Promise<Explanations>;

/** How old it may be for those who may ask as often as they like (ms), or older where it takes long: it may use this share. */
const FRESH_MS = 1000;
const SHARE = 1 / 20;

/** A reading that is begun late has so much time all the same (ms): with less it would show nothing. */
const LEAST_MS = 200;

interface Asked {
	readonly openings: readonly Opening[];
	readonly until: number;
}

export class Verification {
	readonly #explain: ExplainOpenings;
	readonly #clock: Clock;
	#found: Explanations = new Map();
	#running: Promise<Explanations> | undefined;
	/** Asked for while one was under way: begins after it. */
	#next: { asked: Asked; readonly found: Promise<Explanations> } | undefined;
	#last = { at: Number.NEGATIVE_INFINITY, tookMs: 0 };

	constructor(explain: ExplainOpenings, clock: Clock) {
		this.#explain = explain;
		this.#clock = clock;
	}

	/**
	 * By a reading that begins after the call: rules may have changed since the one under way began. All who wait share it.
	 * @param until when it must have ended, on the clock; it has a little time at least
	 */
	current(openings: readonly Opening[], until: number): Promise<Explanations> {
		const asked = { openings, until };
		if (this.#next !== undefined) {
			this.#next.asked = asked;
			return this.#next.found;
		}
		if (this.#running === undefined) {
			return this.#begin(asked);
		}
		const found = this.#running.then(() => {
			const next = this.#next?.asked ?? asked;
			this.#next = undefined;
			return this.#begin(next);
		});
		this.#next = { asked, found };
		return found;
	}

	/** As it was lately. */
	async recent(openings: readonly Opening[], until: number): Promise<Explanations> {
		const age = this.#clock.now() - this.#last.at;
		const fresh = age <= Math.max(FRESH_MS, this.#last.tookMs / SHARE);
		return fresh ? this.#found : (this.#running ?? this.current(openings, until));
	}

	#begin(asked: Asked): Promise<Explanations> {
		this.#running = this.#read(asked).finally(() => {
			this.#running = undefined;
		});
		return this.#running;
	}

	async #read({ openings, until }: Asked): Promise<Explanations> {
		const began = this.#clock.now();
		const withinMs = Math.max(LEAST_MS, until - began);
		this.#found = openings.length === 0 ? new Map() : await this.#explain(openings, withinMs);
		const at = this.#clock.now();
		this.#last = { at, tookMs: at - began };
		return this.#found;
	}
}
