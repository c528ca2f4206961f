/** The states a peer may hold: any of them may become the base of the next diff (protocol §3.2). */

import { SENT_STATES_CULL_FROM_END, SENT_STATES_MAX } from "./timing.js";

export interface SentState<S> {
	readonly number: bigint;
	/** When it was last sent. */
	time: number;
	state: S;
}

export class SentStates<S> {
	readonly #entries: SentState<S>[];

	constructor(initial: S, now: number) {
		this.#entries = [{ number: 0n, time: now, state: initial }];
	}

	/** Oldest first. Never empty. */
	get entries(): readonly SentState<S>[] {
		return this.#entries;
	}

	/** The newest state known to be acknowledged. */
	get first(): SentState<S> {
		return this.#entries[0] as SentState<S>;
	}

	get last(): SentState<S> {
		return this.#entries.at(-1) as SentState<S>;
	}

	add(number: bigint, state: S, time: number): void {
		this.#entries.push({ number, time, state });
		if (this.#entries.length > SENT_STATES_MAX) {
			this.#entries.splice(this.#entries.length - SENT_STATES_CULL_FROM_END, 1);
		}
	}

	/** Drops the states before the acknowledged one. Returns whether that changed anything. */
	acknowledge(number: bigint): boolean {
		const index = this.#entries.findIndex((entry) => entry.number === number);
		if (index <= 0) {
			return false;
		}
		this.#entries.splice(0, index);
		return true;
	}

	/**
	 * The newest state the peer can be assumed to have: the last one before the first that was sent `patience` ms ago or
	 * earlier without being acknowledged. The state that ends the session is never a base.
	 */
	assumed(now: number, patience: number, shutdownNumber: bigint): SentState<S> {
		let assumed = this.first;
		for (let i = 1; i < this.#entries.length; i++) {
			const entry = this.#entries[i] as SentState<S>;
			if (now - entry.time >= patience || entry.number === shutdownNumber) {
				break;
			}
			assumed = entry;
		}
		return assumed;
	}
}
