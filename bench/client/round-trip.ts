/** Timestamps and the round-trip estimate (protocol §1.3, §1.4). */

/** Timestamp that means "none". */
const NONE = 0xffff;
const HOLD_LIMIT = 1000;
const SAMPLE_LIMIT = 5000;

export class RoundTrip {
	#smoothed: number | undefined;
	#variation = 500;
	#peer: { readonly stamp: number; readonly at: number } | undefined;

	/** Retransmission timeout, ms. */
	get timeout(): number {
		return clamp(Math.ceil(this.#estimate + 4 * this.#variation), 50, 1000);
	}

	/** Least time between two frames, ms. */
	get interval(): number {
		return clamp(Math.ceil(this.#estimate / 2), 20, 250);
	}

	get #estimate(): number {
		return this.#smoothed ?? 1000;
	}

	/** The two timestamps at the head of a datagram. */
	stamp(now: number): Buffer {
		const stamps = Buffer.alloc(4);
		const clock = stampOf(now);
		stamps.writeUInt16BE(clock === NONE ? 0 : clock, 0);
		const peer = this.#peer;
		const held = peer ? now - peer.at : HOLD_LIMIT;
		stamps.writeUInt16BE(peer && held < HOLD_LIMIT ? stampOf(peer.stamp + held) : NONE, 2);
		this.#peer = undefined;
		return stamps;
	}

	/** For datagrams in sequence only. */
	receive(stamps: Buffer, now: number): void {
		const stamp = stamps.readUInt16BE(0);
		const reply = stamps.readUInt16BE(2);
		if (stamp !== NONE) {
			this.#peer = { stamp, at: now };
		}
		if (reply === NONE) {
			return;
		}
		const sample = (stampOf(now) - reply) & 0xffff;
		if (sample >= SAMPLE_LIMIT) {
			return;
		}
		if (this.#smoothed === undefined) {
			this.#smoothed = sample;
			this.#variation = sample / 2;
		} else {
			this.#variation = 0.75 * this.#variation + 0.25 * Math.abs(this.#smoothed - sample);
			this.#smoothed = 0.875 * this.#smoothed + 0.125 * sample;
		}
	}
}

function stampOf(time: number): number {
	return Math.floor(time) & 0xffff;
}

function clamp(value: number, low: number, high: number): number {
	return Math.min(Math.max(value, low), high);
}
