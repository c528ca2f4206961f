/** Time as the guard sees it: monotonic, replaceable in tests. */

export interface Clock {
	/** Milliseconds from an arbitrary origin; never goes back. */
	now(): number;
}

export const monotonicClock: Clock = { now: () => performance.now() };
