/** Stores the peer's states and applies its diffs to them, each at most once (protocol §3.4). */

import { SspError } from "./errors.js";
import type { Instruction } from "./instruction.js";
import type { RemoteStateCodec } from "./state.js";
import { QUENCH_INTERVAL, RECEIVED_STATES_MAX } from "./timing.js";

export interface ReceivedState<S> {
	readonly number: bigint;
	readonly state: S;
	/** On the transport's clock; -Infinity for the initial state, which is never sent. */
	readonly receivedAt: number;
}

/** `known`: already there. `late`: accepted, but a newer one is there. `newest`: accepted, and the one to act on. */
export type Reception = "known" | "late" | "newest";

export class Receiver<S> {
	readonly #codec: RemoteStateCodec<S>;
	/** Sorted by number; never empty. */
	#states: ReceivedState<S>[];
	#quenchUntil = Number.NEGATIVE_INFINITY;
	/** The state whose history has been removed from the others. */
	#consumed: ReceivedState<S>;

	constructor(codec: RemoteStateCodec<S>, initial: S) {
		this.#codec = codec;
		this.#consumed = { number: 0n, state: initial, receivedAt: Number.NEGATIVE_INFINITY };
		this.#states = [this.#consumed];
	}

	get newest(): ReceivedState<S> {
		return this.#states.at(-1) as ReceivedState<S>;
	}

	/** States kept as possible bases, at least 1. */
	get bufferedStates(): number {
		return this.#states.length;
	}

	/** Throws `SspError` if the state cannot be accepted: `unknown-base`, `quenched`, `bad-diff`. */
	receive(instruction: Instruction, now: number): Reception {
		const { oldNumber, newNumber, throwaway, diff } = instruction;
		if (this.#find(newNumber) !== undefined) {
			return "known";
		}
		if (this.#find(oldNumber) === undefined) {
			throw new SspError("unknown-base", "A diff starts from a state that is not stored.");
		}
		this.#forgetConsumed();
		// A misbehaving peer could throw away the very base it uses, and leave no state at all.
		if (throwaway <= oldNumber) {
			this.#forgetBelow(throwaway);
		}
		if (this.#states.length > RECEIVED_STATES_MAX) {
			if (now < this.#quenchUntil) {
				throw new SspError("quenched", "The peer opens more states than it discards.");
			}
			this.#quenchUntil = now + QUENCH_INTERVAL;
		}
		const base = this.#find(oldNumber) as ReceivedState<S>;
		const received = { number: newNumber, state: this.#apply(base.state, diff), receivedAt: now };
		if (newNumber > this.newest.number) {
			this.#states.push(received);
			return "newest";
		}
		const index = this.#states.findIndex((each) => each.number > newNumber);
		this.#states.splice(index, 0, received);
		return "late";
	}

	#apply(base: S, diff: Uint8Array): S {
		if (diff.length === 0) {
			return base;
		}
		try {
			return this.#codec.apply(base, diff);
		} catch (cause) {
			throw new SspError("bad-diff", "A diff could not be applied.", { cause });
		}
	}

	/** Searched from the newest, where bases and repetitions are. */
	#find(number: bigint): ReceivedState<S> | undefined {
		return this.#states.findLast((each) => each.number === number);
	}

	#forgetBelow(number: bigint): void {
		if ((this.#states[0] as ReceivedState<S>).number >= number) {
			return;
		}
		this.#states = this.#states.filter((each) => each.number >= number);
	}

	/** The newest state has been acted on by now: the history that led to it is not needed any more. */
	#forgetConsumed(): void {
		const { newest } = this;
		if (this.#codec.subtract === undefined || newest === this.#consumed) {
			return;
		}
		for (const [index, received] of this.#states.entries()) {
			const state = this.#codec.subtract(received.state, newest.state);
			if (state !== received.state) {
				this.#states[index] = { ...received, state };
			}
		}
		this.#consumed = this.newest;
	}
}
