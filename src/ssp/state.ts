/**
 * All that the State Synchronization Protocol needs to know about the objects it synchronises.
 * The transport is generic over two of these: the local object it sends and the remote one it receives.
 * States are immutable values: up to 32 sent and 1024 received ones are alive at once.
 */

/**
 * A change is what answers the user, output that is usually followed by more, the beginning of so much output that what is shown
 * of it is about to go, or bookkeeping that nobody sees.
 */
export type Urgency = "answer" | "output" | "passing" | "bookkeeping";

/** What sending a kind of state takes. Pure: nothing is kept or changed. */

export interface LocalStateCodec<S> {
	/** True when a peer holding `a` needs nothing to hold `b`. */
	equal(a: S, b: S): boolean;
	/** Serialised difference that turns `base` into `target`; empty when there is none. */
	diff(base: S, target: S): Uint8Array;
	/**
	 * `state` without the history it shares with `acknowledged`, for states that grow (user input).
	 * Absent for states of bounded size (a screen).
	 */
	subtract?(state: S, acknowledged: S): S;
	/** Who waits for what distinguishes `target` from `base`. Asked of unequal states only. Absent: always an answer. */
	urgency?(base: S, target: S): Urgency;
	/** For states that a peer has to pass through one by one. Absent: it may skip any. */
	readonly path?: StatePath<S>;
}

/** What lies between two states, where it matters to the peer how it got from one to the other. */
export interface StatePath<S> {
	/**
	 * The state to send after `last` on the way to `target`; `last` itself if there is nothing left to tell.
	 * @param unsure the peer has heard nothing for so long that it may show something besides `last`, until the next state
	 */
	step(last: S, target: S, unsure: boolean): S;
	/**
	 * Whether only the way from `a` to `b` will do: each state on it is then sent as a diff from the one before, and none is
	 * left out. Between two states that are not joined, none are.
	 */
	joined(a: S, b: S): boolean;
	/** Nothing is to be sent for now, not even again, and `target` is not what is to come. */
	holds?(target: S): boolean;
}

/** What receiving a kind of state takes. Pure as well. */
export interface RemoteStateCodec<S> {
	/**
	 * The state that `diff` leads to from `base`. Throws when `diff` is not well-formed. `diff` is a view of a
	 * larger buffer: copy what is kept.
	 */
	apply(base: S, diff: Uint8Array): S;
	/**
	 * `state` without the history up to `consumed`, a former newest state, for states that grow. Called for every
	 * buffered state at the next reception, when the newest one has been consumed.
	 */
	subtract?(state: S, consumed: S): S;
}

export type StateCodec<S> = LocalStateCodec<S> & RemoteStateCodec<S>;
