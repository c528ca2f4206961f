/**
 * Notices a program that prints more than anyone can read, such as a listing of a large directory: while it still prints, what a
 * frame would show has gone before it is seen.
 */

/** So many bytes without a pause fill a terminal's buffer (N_TTY_BUF_SIZE less one), and most screens twice. */
export const LONG_RUN_BYTES = 4095;
/** A run of output is over when nothing has come for so long (ms): by then a shell has printed its prompt. */
export const PAUSE_MS = 4;

/** All times are milliseconds on the session's clock. */
export class OutputRun {
	#bytes = 0;
	#lastAt = Number.NEGATIVE_INFINITY;

	/** The program has printed so many bytes. */
	output(bytes: number, now: number): void {
		this.#bytes = now - this.#lastAt < PAUSE_MS ? this.#bytes + bytes : bytes;
		this.#lastAt = now;
	}

	/** It is in the middle of a long run. */
	passing(now: number): boolean {
		return this.#bytes >= LONG_RUN_BYTES && now - this.#lastAt < PAUSE_MS;
	}

	/** Milliseconds until the run is over if nothing more comes; Infinity if it is not a long one. */
	waitTime(now: number): number {
		return this.passing(now) ? this.#lastAt + PAUSE_MS - now : Number.POSITIVE_INFINITY;
	}
}
