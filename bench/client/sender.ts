/**
 * The sending half of the state machine, with the stock client's timers (protocol §3.1 to §3.3, §3.6).
 */

import { type UserEvent, userDiff } from "./instruction.js";
import type { RoundTrip } from "./round-trip.js";

/** New state number of a shutdown. */
export const SHUTDOWN = 2n ** 64n - 1n;

const MIN_DELAY = 1;
const ACK_DELAY = 100;
const ACK_INTERVAL = 3000;
const ACTIVE_RETRY = 10_000;
const MAX_SENT = 32;
/** Counted from the end, 1 being the last: what goes when the list is too long. */
const THINNED = 16;

interface Sent {
	readonly num: bigint;
	time: number;
	/** Events since the start of the session that this state holds. */
	readonly count: number;
}

export interface Outgoing {
	readonly oldNum: bigint;
	readonly newNum: bigint;
	readonly throwawayNum: bigint;
	readonly diff: Buffer;
}

export class Sender {
	/** Events not yet acknowledged; the first has number `#forgotten`. */
	#events: UserEvent[] = [];
	#forgotten = 0;
	#sent: Sent[];
	#assumed: Sent;
	#nextAck: number;
	#nextSend: number;
	#mindelayStart: number | undefined;
	#pendingDataAck = false;
	#lastHeard = 0;
	#shuttingDown = false;

	readonly #roundTrip: RoundTrip;
	readonly #emit: (outgoing: Outgoing) => void;

	constructor(now: number, roundTrip: RoundTrip, emit: (outgoing: Outgoing) => void) {
		this.#roundTrip = roundTrip;
		this.#emit = emit;
		this.#assumed = { num: 0n, time: now, count: 0 };
		this.#sent = [this.#assumed];
		this.#nextAck = now;
		this.#nextSend = now;
	}

	push(event: UserEvent): void {
		if (!this.#shuttingDown) {
			this.#events.push(event);
		}
	}

	shutDown(): void {
		this.#shuttingDown = true;
	}

	get shutdownAcknowledged(): boolean {
		return this.#sent[0]?.num === SHUTDOWN;
	}

	/** The peer holds our state `num`. */
	acknowledge(num: bigint): void {
		const index = this.#sent.findIndex((sent) => sent.num === num);
		if (index > 0) {
			this.#sent.splice(0, index);
		}
	}

	/** A new newest state of the peer arrived; `withData` when its diff was not empty. */
	heard(now: number, withData: boolean): void {
		this.#lastHeard = now;
		if (withData) {
			this.#pendingDataAck = true;
		}
	}

	/** When `tick` next has something to do. */
	deadline(now: number): number {
		this.#recompute(now);
		return Math.min(this.#nextAck, this.#nextSend);
	}

	tick(now: number): void {
		this.#recompute(now);
		if (now < this.#nextAck && now < this.#nextSend) {
			return;
		}
		const first = this.#first;
		let diff = this.#diffFrom(this.#assumed);
		if (this.#assumed !== first) {
			const alternative = this.#diffFrom(first);
			const extra = alternative.length - diff.length;
			if (extra <= 0 || (alternative.length < 1000 && extra < 100)) {
				diff = alternative;
				this.#assumed = first;
			}
		}
		if (diff.length > 0) {
			this.#send(now, diff, this.#count === this.#last.count);
		} else if (now >= this.#nextAck) {
			this.#send(now, diff, false);
		}
		this.#nextSend = Number.POSITIVE_INFINITY;
		this.#mindelayStart = undefined;
	}

	get #count(): number {
		return this.#forgotten + this.#events.length;
	}

	get #first(): Sent {
		return this.#sent[0] ?? this.#assumed;
	}

	get #last(): Sent {
		return this.#sent[this.#sent.length - 1] ?? this.#assumed;
	}

	#diffFrom(base: Sent): Buffer {
		return userDiff(this.#events.slice(base.count - this.#forgotten));
	}

	#send(now: number, diff: Buffer, again: boolean): void {
		const last = this.#last;
		const newNum = this.#shuttingDown ? SHUTDOWN : again ? last.num : last.num + 1n;
		if (newNum === last.num) {
			last.time = now;
		} else {
			this.#sent.push({ num: newNum, time: now, count: this.#count });
			if (this.#sent.length > MAX_SENT) {
				this.#sent.splice(-THINNED, 1);
			}
		}
		this.#emit({ oldNum: this.#assumed.num, newNum, throwawayNum: this.#first.num, diff });
		this.#pendingDataAck = false;
		this.#assumed = this.#last;
		this.#nextAck = now + ACK_INTERVAL;
	}

	#recompute(now: number): void {
		const { timeout, interval } = this.#roundTrip;
		this.#assumed = this.#first;
		for (const sent of this.#sent.slice(1)) {
			if (now - sent.time >= timeout + ACK_DELAY) {
				break;
			}
			this.#assumed = sent;
		}
		this.#events.splice(0, this.#first.count - this.#forgotten);
		this.#forgotten = this.#first.count;

		if (this.#pendingDataAck) {
			this.#nextAck = Math.min(this.#nextAck, now + ACK_DELAY);
		}
		const last = this.#last;
		const active = this.#lastHeard + ACTIVE_RETRY > now;
		if (this.#count !== last.count) {
			this.#mindelayStart ??= now;
			this.#nextSend = Math.max(this.#mindelayStart + MIN_DELAY, last.time + interval);
		} else if (this.#count !== this.#assumed.count && active) {
			this.#nextSend = last.time + interval;
			if (this.#mindelayStart !== undefined) {
				this.#nextSend = Math.max(this.#nextSend, this.#mindelayStart + MIN_DELAY);
			}
		} else if (this.#count !== this.#first.count && active) {
			this.#nextSend = last.time + timeout + ACK_DELAY;
		} else {
			this.#nextSend = Number.POSITIVE_INFINITY;
		}
		if (this.#shuttingDown) {
			this.#nextAck = last.time + interval;
		}
	}
}
