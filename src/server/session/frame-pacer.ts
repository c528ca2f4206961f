/**
 * When to take a snapshot of the screen. A snapshot that cannot be sent yet or shows nothing new is wasted work, and
 * snapshots of a large screen would be most of what a flood of output costs.
 */

/** While a frame waits to be sent, snapshots are at least this far apart (ms): frames cannot follow each other sooner. */
export const SNAPSHOT_INTERVAL_MS = 20;
/** After more fruitless snapshots in a row than this, the interval applies as well: a large screen takes 30 ms. */
export const MAX_FRUITLESS_SNAPSHOTS = 3;
/** For so long (ms) after a key the program's answer is not one of them: in a flood that shows nothing new, a prompt after Ctrl-C. */
export const ANSWER_MS = 50;
/**
 * A turn with a snapshot that takes longer (ms) than any at a usual screen size is followed by a rest in which only the
 * program's output is processed: this many times as long, twice that after the second such turn in a row and so on, as in
 * a flood, where frames would take most of the time on a busy host; up to a limit (ms), the longest interval of frames.
 */
export const LONG_TURN_MS = 8;
export const REST_PER_TURN = 2;
export const MAX_LONG_TURNS = 4;
export const MAX_REST_MS = 250;

/** All times are milliseconds on the session's clock. */
export class FramePacer {
	/** The screen may differ from the last snapshot. */
	#changed = false;
	/** No snapshot before this. */
	#nextAt = Number.NEGATIVE_INFINITY;
	#fruitless = 0;
	#answerUntil = Number.NEGATIVE_INFINITY;
	/** Long turns in a row, each as soon as the rest after the one before was over. */
	#longTurns = 0;
	#restsUntil = Number.NEGATIVE_INFINITY;
	/** A frame has been offered for sending since `sent` or `postponed` was last called. */
	#offered = false;

	/** The screen may have changed. Returns false when that was known already. */
	changed(): boolean {
		const isNews = !this.#changed;
		this.#changed = true;
		return isNews;
	}

	/** Returns whether to take a snapshot now. @param urgent do not wait: what is about to be sent needs a current screen */
	advance(now: number, urgent: boolean): boolean {
		const due = this.#changed && (urgent || now >= this.#nextAt);
		if (due) {
			this.#changed = false;
		}
		return due;
	}

	/** The user has typed. */
	typed(now: number): void {
		this.#answerUntil = now + ANSWER_MS;
		this.#nextAt = this.#restsUntil;
	}

	/** The snapshot showed nothing new. */
	fruitless(now: number): void {
		if (now >= this.#answerUntil && ++this.#fruitless > MAX_FRUITLESS_SNAPSHOTS) {
			this.#nextAt = now + SNAPSHOT_INTERVAL_MS;
		}
	}

	/** There is a new frame to be sent. */
	offered(): void {
		this.#fruitless = 0;
		this.#offered = true;
	}

	/** What was due has been sent. The next snapshot may follow at once. */
	sent(now: number): void {
		this.#offered = false;
		this.#nextAt = now;
	}

	/** Nothing could be sent yet. @param wait milliseconds until something can; asked only if a frame has been offered */
	postponed(now: number, wait: () => number): void {
		if (this.#offered) {
			this.#offered = false;
			this.#nextAt = now + Math.min(SNAPSHOT_INTERVAL_MS, wait());
		}
	}

	/** A turn with a snapshot lasted from `began` to `ended`. */
	rest(began: number, ended: number): void {
		const took = ended - began;
		if (took <= LONG_TURN_MS) {
			this.#longTurns = 0;
			return;
		}
		const inRow = began <= this.#restsUntil + SNAPSHOT_INTERVAL_MS;
		this.#longTurns = inRow ? Math.min(this.#longTurns + 1, MAX_LONG_TURNS) : 1;
		this.#restsUntil = ended + Math.min(MAX_REST_MS, REST_PER_TURN * this.#longTurns * took);
		this.#nextAt = Math.max(this.#nextAt, this.#restsUntil);
	}

	/** The last frame is due: it waits for nothing. */
	finish(): void {
		this.#nextAt = Number.NEGATIVE_INFINITY;
	}

	/** Milliseconds until `advance` asks for a snapshot, 0 or more; Infinity while the screen has not changed. */
	waitTime(now: number): number {
		return this.#changed ? Math.max(0, this.#nextAt - now) : Number.POSITIVE_INFINITY;
	}
}
