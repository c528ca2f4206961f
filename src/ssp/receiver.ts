/** Holds the peer's states and applies its diffs to them, each at most once (protocol §3.4). */
import { SspError } from "./errors.js";
import type { Instruction } from "./instruction.js";
import type { RemoteStateCodec } from "./state.js";
import { QUENCH_INTERVAL, RECEIVED_STATES_MAX } from "./timing.js";

export interface ReceivedState<S> {
	readonly number: bigint;
	readonly state: S;
	/** On the transport's clock; -Infinity for the initial state, which nobody sent. */
	readonly receivedAt: number;
}

/** `known`: held already. `late`: taken, but a newer one is there. `newest`: taken, and the one to act on. */
export type Reception = "known" | "late" | "newest";

export class Receiver<S> {
	readonly #codec: RemoteStateCodec<S>;
	/** Sorted by number; never empty. */
	#held: ReceivedState<S>[];
	#quenchUntil = Number.NEGATIVE_INFINITY;
	/** The newest state whose history the others have been rid of. */
	#consumed: ReceivedState<S>;

	constructor(codec: RemoteStateCodec<S>, initial: S) {
		this.#codec = codec;
		this.#consumed = { number: 0n, state: initial, receivedAt: Number.NEGATIVE_INFINITY };
		this.#held = [this.#consumed];
	}

	get newest(): ReceivedState<S> {
		return this.#held.at(-1) as ReceivedState<S>;
	}

	/** States held as possible bases, at least 1. */
	get heldStates(): number {
		return this.#held.length;
	}

	/** Throws `SspError` for what cannot be taken: `unknown-base`, `quenched`, `bad-diff`. */
	receive(instruction: Instruction, now: number): Reception {
		const { oldNumber, newNumber, throwaway, diff } = instruction;
		if (this.#find(newNumber) !== undefined) return "known";
		if (this.#find(oldNumber) === undefined) {
			throw new SspError("unknown-base", "A diff starts from a state that is not held.");
		}
		this.#forgetConsumed();
		// A peer that throws away the very base it uses must not leave us without any state.
		if (throwaway <= oldNumber) this.#forgetBelow(throwaway);
		if (this.#held.length > RECEIVED_STATES_MAX) {
			if (now < this.#quenchUntil) {
				throw new SspError("quenched", "The peer opens more states than it discards.");
			}
			this.#quenchUntil = now + QUENCH_INTERVAL;
		}
		const base = this.#find(oldNumber) as ReceivedState<S>;
		const received = { number: newNumber, state: this.#apply(base.state, diff), receivedAt: now };
		if (newNumber > this.newest.number) {
			this.#held.push(received);
			return "newest";
		}
		const index = this.#held.findIndex((held) => held.number > newNumber);
		this.#held.splice(index, 0, received);
		return "late";
	}

	#apply(base: S, diff: Uint8Array): S {
		if (diff.length === 0) return base;
		try {
			return this.#codec.apply(base, diff);
		} catch (cause) {
			throw new SspError("bad-diff", "A diff could not be applied.", { cause });
		}
	}

	/** Searched from the newest: that is where bases and repetitions are. */
	#find(number: bigint): ReceivedState<S> | undefined {
		return this.#held.findLast((held) => held.number === number);
	}

	#forgetBelow(number: bigint): void {
		if ((this.#held[0] as ReceivedState<S>).number >= number) return;
		this.#held = this.#held.filter((held) => held.number >= number);
	}

	/** By now the newest state has been acted on, so nobody asks for what led to it. */
	#forgetConsumed(): void {
		const { newest } = this;
		if (this.#codec.subtract === undefined || newest === this.#consumed) return;
		for (const [index, held] of this.#held.entries()) {
			const state = this.#codec.subtract(held.state, newest.state);
			if (state !== held.state) this.#held[index] = { ...held, state };
		}
		this.#consumed = this.newest;
	}
}
