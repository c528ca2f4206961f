/** The one monotonic clock, in milliseconds, which tests replace. */

export interface Clock {
	/** Milliseconds from an arbitrary origin; never decreases. May be fractional. */
	now(): number;
}

export const monotonicClock: Clock = { now: () => performance.now() };
