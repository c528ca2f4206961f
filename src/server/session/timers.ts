/** When a session is to be called again; tests replace it together with the clock. */

export interface Timers {
	/** Calls `run` once, `ms` (0 or more, may be fractional) from now, unless cancelled. */
	after(ms: number, run: () => void): () => void;
	/** Calls `run` once what is ready to be read has been read. */
	soon(run: () => void): void;
}

/** setTimeout takes longer waits for a wait of 1 ms (2^31 - 1). */
const LONGEST_MS = 2147483647;

export const systemTimers: Timers = {
	after(ms, run) {
		// Rounded up: a timer that fires early finds nothing to do and has to be set again.
		const timer = setTimeout(run, Math.min(Math.ceil(ms), LONGEST_MS));
		return () => clearTimeout(timer);
	},
	soon(run) {
		setImmediate(run);
	},
};
