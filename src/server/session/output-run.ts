/**
 * Notices a program that prints more than anyone can read, such as a listing of a large directory: while it still prints, what a
 * frame would show has gone before it is seen.
 */

/** So many bytes without a pause fill a terminal's buffer (N_TTY_BUF_SIZE less one), and most screens twice. */
export const LONG_RUN_BYTES = 4095;
/** A run of output is over when nothing has come for so long (ms): by then a shell has printed its prompt. */
export const PAUSE_MS = 4;
/** After a prompt, or what else ends within a line, a shorter time: programs that still print pause between lines. */
export const PROMPT_PAUSE_MS = 2;

/**
 * `brief`: what has been printed can be read as it comes. `passing`: in the middle of a long run. `over`: the last run was a long one,
 * and its end has been printed.
 */
export type RunPhase = "brief" | "passing" | "over";

/** All times are milliseconds on the session's clock. */
export class OutputRun {
	#bytes = 0;
	#lastAt = Number.NEGATIVE_INFINITY;
	#pause = PAUSE_MS;

	/** The program has printed so many bytes. @param midLine they leave the cursor within a line */
	output(bytes: number, midLine: boolean, now: number): void {
		this.#bytes = now - this.#lastAt < PAUSE_MS ? this.#bytes + bytes : bytes;
		this.#lastAt = now;
		this.#pause = midLine ? PROMPT_PAUSE_MS : PAUSE_MS;
	}

	phase(now: number): RunPhase {
		if (this.#bytes < LONG_RUN_BYTES) {
			return "brief";
		}
		return now - this.#lastAt < this.#pause ? "passing" : "over";
	}

	/** Milliseconds until the run is over if nothing more comes; Infinity if it is not a long one. */
	waitTime(now: number): number {
		return this.phase(now) === "passing" ? this.#lastAt + this.#pause - now : Number.POSITIVE_INFINITY;
	}
}
