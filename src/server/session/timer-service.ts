/** Timers for a session, as an interface so that tests can replace them together with the clock. */

export interface TimerService {
	/** Calls `run` once, `ms` (0 or more, may be fractional) from now. Returns a function that cancels the call. */
	after(ms: number, run: () => void): () => void;
	/** Calls `run` once after all input that is ready has been read. */
	soon(run: () => void): void;
}

/** 2^31 - 1: setTimeout fires after 1 ms when asked for more. */
const LONGEST_MS = 2147483647;

/** Node counts from the moment at which it began to work, in whole milliseconds: the time (ms) that it is behind. */
const STALE_MS = 1;
/** From this length on (ms), longer than frames are apart, nobody sees the difference. */
const LONG_MS = 20;

export const systemTimers: TimerService = {
	after(ms, run) {
		// Rounded up: a timer that fires early finds nothing to do and has to be set again.
		const stale = ms > LONG_MS ? STALE_MS : 0;
		const timer = setTimeout(run, Math.min(Math.ceil(ms) + stale, LONGEST_MS));
		return () => clearTimeout(timer);
	},
	soon(run) {
		setImmediate(run);
	},
};
