/** The states a peer may hold: any of them may become the base of the next diff (protocol §3.2). */

import { SENT_STATES_CULL_FROM_END, SENT_STATES_MAX } from "./timing.js";

export interface SentState<S> {
	readonly number: bigint;
	/** It cannot have arrived before: when it was first sent, or later (`missing`). */
	since: number;
	/** When it was last sent. */
	time: number;
	state: S;
	/** Of its diff from the state before it, once it has been sent as such (chain.ts). */
	size: number;
}

export class SentStates<S> {
	readonly #entries: SentState<S>[];
	#highest = 0n;

	constructor(initial: S, now: number) {
		this.#entries = [{ number: 0n, since: now, time: now, state: initial, size: 0 }];
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

	/** For the next new state: none is used twice, as the peer may hold a state that is not kept here any more. */
	get nextNumber(): bigint {
		return this.#highest + 1n;
	}

	/** @param all none is dropped for it: each is the base of the next */
	add(number: bigint, state: S, time: number, all = false): void {
		this.#entries.push({ number, since: time, time, state, size: 0 });
		this.#highest = number;
		if (!all && this.#entries.length > SENT_STATES_MAX) {
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

	/** At that time none had arrived but the acknowledged one. */
	missing(at: number): void {
		for (let index = 1; index < this.#entries.length; index++) {
			const entry = this.#entries[index] as SentState<S>;
			entry.since = Math.max(entry.since, at);
		}
	}

	/** Drops all states but the acknowledged one: the peer has not received them, and is not going to. */
	forget(): void {
		this.#entries.length = 1;
	}

	/**
	 * The newest state the peer can be assumed to have: the last one before the first that was sent `patience` ms ago or
	 * earlier without being acknowledged. The state that ends the session is never a base.
	 */
	assumed(now: number, patience: number, shutdownNumber: bigint): SentState<S> {
		let assumed = this.first;
		for (let i = 1; i < this.#entries.length; i++) {
			const entry = this.#entries[i] as SentState<S>;
			if (entry.time + patience <= now || entry.number === shutdownNumber) {
				break;
			}
			assumed = entry;
		}
		return assumed;
	}
}
