/**
 * How many bytes may be under way to a peer at once, so that a link is used without filling the queue in front of it: the
 * window grows while the round trip is short, and shrinks as it becomes longer (LEDBAT, RFC 6817; slow start as in RFC 5681).
 * Loss alone says little: paths by radio lose datagrams that no queue has dropped.
 */

/** Four usual states: what a queue of a quarter of a second at 128 kbit/s takes. */
export const INITIAL_WINDOW = 4_000;
/** Two datagrams: with fewer the window could not show that the path carries more. */
const MIN_WINDOW = 2_500;
/** As much waits in a queue (ms): half a frame interval of a slow path, and more than the jitter of most. */
const TARGET_DELAY = 60;
/** Growth per window acknowledged (bytes) after slow start. */
const GROWTH = 2_500;
/** The least round trip is taken from this time (ms) at least: a path may have become longer. */
const BASE_PERIOD = 30_000;

export class SendWindow {
	#size = INITIAL_WINDOW;
	#slowStart = true;
	/** Least round trips of this period and the one before. */
	#base = Number.POSITIVE_INFINITY;
	#formerBase = Number.POSITIVE_INFINITY;
	#periodEnd = Number.NEGATIVE_INFINITY;
	/** How long the last datagrams waited in queues (ms). */
	#delay = 0;
	#cutAt = Number.NEGATIVE_INFINITY;

	/** In bytes. */
	get size(): number {
		return this.#size;
	}

	/** What is sent waits in a queue of the path: loss is that queue's. */
	get queues(): boolean {
		return this.#delay > TARGET_DELAY / 2;
	}

	/** The round trip of a path whose queues are empty (ms). */
	get leastTrip(): number {
		return Math.min(this.#base, this.#formerBase);
	}

	/** A round trip has been measured (ms). */
	sample(trip: number, now: number): void {
		if (now >= this.#periodEnd) {
			this.#formerBase = this.#base;
			this.#base = Number.POSITIVE_INFINITY;
			this.#periodEnd = now + BASE_PERIOD;
		}
		this.#base = Math.min(this.#base, trip);
		this.#delay = trip - this.leastTrip;
	}

	/** @param bytes newly acknowledged @param used the window was what limited the sender */
	acknowledged(bytes: number, used: boolean): void {
		const room = 1 - this.#delay / TARGET_DELAY;
		if (this.#slowStart && room < 0.5) {
			this.#slowStart = false;
		}
		if (room < 0 || used) {
			const growth = this.#slowStart
				? bytes
				: Math.max(-0.5, room) * GROWTH * Math.min(1, bytes / this.#size);
			this.#size = Math.max(MIN_WINDOW, this.#size + growth);
		}
	}

	/** Something was lost. @param round the time (ms) in which losses have one cause */
	lost(now: number, round: number): void {
		if (this.queues && now - this.#cutAt > round) {
			this.#cutAt = now;
			this.#slowStart = false;
			this.#size = Math.max(MIN_WINDOW, this.#size / 2);
		}
	}

	/** The path has been silent: what it carries now has to be found out. */
	restart(): void {
		this.#size = INITIAL_WINDOW;
		this.#slowStart = true;
	}
}
