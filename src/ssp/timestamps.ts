/** The 16-bit clock that both sides echo to measure the round trip (protocol §1.3). */

import { CONGESTION_PENALTY, TIMESTAMP_REPLY_MAX_AGE } from "./timing.js";

/** The value for "no timestamp" in both fields. */
export const NO_TIMESTAMP = 0xffff;

/** The low 16 bits of the millisecond clock, with 0 in place of the reserved value. */
export function timestamp16(now: number): number {
	const value = Math.floor(now) % 0x10000;
	return value === NO_TIMESTAMP ? 0 : value;
}

/** Milliseconds from one 16-bit timestamp to a later one. */
export function elapsed16(since: number, now: number): number {
	return (now - since) & 0xffff;
}

/** Keeps the peer's newest timestamp until a datagram returns it. Each is echoed at most once. */
export class TimestampEcho {
	#saved: number | undefined;
	#savedAt = 0;

	/** @param congested the datagram carried a congestion mark, reported to the peer as a longer round trip; only in tests */
	save(timestamp: number, congested: boolean, now: number): void {
		if (timestamp === NO_TIMESTAMP) {
			return;
		}
		this.#saved = congested ? (timestamp - CONGESTION_PENALTY) & 0xffff : timestamp;
		this.#savedAt = now;
	}

	/** The value for the next datagram's reply field: the saved timestamp plus the time it was kept here. */
	take(now: number): number {
		const saved = this.#saved;
		const kept = now - this.#savedAt;
		if (saved === undefined || kept >= TIMESTAMP_REPLY_MAX_AGE) {
			return NO_TIMESTAMP;
		}
		this.#saved = undefined;
		return (saved + Math.floor(kept)) & 0xffff;
	}
}
