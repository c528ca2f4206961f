/** Time as the protocol sees it: one monotonic millisecond clock, which tests replace. */

export interface Clock {
	/** Milliseconds from an arbitrary origin; never goes back. May be fractional. */
	now(): number;
}

export const monotonicClock: Clock = { now: () => performance.now() };
