/** The smoothed round trip and what follows from it (protocol §1.4; RFC 6298 with mosh's bounds). */

import {
	INITIAL_RTTVAR,
	INITIAL_SRTT,
	INTERVAL_MAX,
	INTERVAL_MIN,
	RTO_MAX,
	RTO_MIN,
	RTT_SAMPLE_LIMIT,
} from "./timing.js";

export class RoundTrip {
	#srtt = INITIAL_SRTT;
	#rttvar = INITIAL_RTTVAR;
	#sampled = false;

	/** Adds a measured round trip in milliseconds; 5000 and more are ignored. */
	sample(trip: number): void {
		if (trip >= RTT_SAMPLE_LIMIT) {
			return;
		}
		if (!this.#sampled) {
			this.#sampled = true;
			this.#srtt = trip;
			this.#rttvar = trip / 2;
			return;
		}
		this.#rttvar = 0.75 * this.#rttvar + 0.25 * Math.abs(this.#srtt - trip);
		this.#srtt = 0.875 * this.#srtt + 0.125 * trip;
	}

	/** Smoothed round trip in milliseconds; 1000 until measured. */
	get srtt(): number {
		return this.#srtt;
	}

	/** Milliseconds between frames, 20 to 250: half a round trip. */
	get interval(): number {
		return Math.min(INTERVAL_MAX, Math.max(INTERVAL_MIN, Math.ceil(this.#srtt / 2)));
	}

	/** Retransmission timeout in milliseconds, 50 to 1000. */
	get rto(): number {
		return Math.min(RTO_MAX, Math.max(RTO_MIN, Math.ceil(this.#srtt + 4 * this.#rttvar)));
	}
}
