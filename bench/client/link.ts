/** The path between client and server: plain loopback, or one that delays and loses datagrams. */

import { type Random, seededRandom } from "../measure/random.js";

export interface Link {
	/** Calls `deliver` when a datagram sent now arrives, or never. */
	toServer(deliver: () => void): void;
	/** @param bytes of the datagram */
	toClient(deliver: () => void, bytes: number): void;
}

export const directLink: Link = {
	toServer: (deliver) => deliver(),
	toClient: (deliver) => deliver(),
};

/** Delays each datagram by `delay` ms each way, and loses some: which ones follows from the seed. */
export class LossyLink implements Link {
	/** Probability that a datagram is lost, 0..1, in each direction. */
	loss = 0;
	readonly #up: Random;
	readonly #down: Random;

	readonly delay: number;

	constructor(delay: number, seed: number) {
		this.delay = delay;

		this.#up = seededRandom(seed);
		this.#down = seededRandom(~seed);
	}

	toServer(deliver: () => void): void {
		this.#carry(this.#up, deliver);
	}

	toClient(deliver: () => void): void {
		this.#carry(this.#down, deliver);
	}

	#carry(random: Random, deliver: () => void): void {
		if (random() < this.loss) {
			return;
		}
		setTimeout(deliver, this.delay);
	}
}

/** IPv4 and UDP. */
const HEADERS = 28;

/** Carries so many bytes a second to the client; others wait in a queue, and are dropped where it is full. */
export class NarrowLink implements Link {
	/** Datagrams to the client, and those dropped of them. */
	carried = 0;
	dropped = 0;
	#freeAt = 0;
	readonly #delay: number;
	readonly #rate: number;
	readonly #queue: number;

	constructor({ delay, rate, queue }: { delay: number; rate: number; queue: number }) {
		this.#delay = delay;
		this.#rate = rate;
		this.#queue = queue;
	}

	toServer(deliver: () => void): void {
		setTimeout(deliver, this.#delay);
	}

	toClient(deliver: () => void, bytes: number): void {
		const now = performance.now();
		const waiting = Math.max(0, this.#freeAt - now);
		this.carried++;
		if ((waiting / 1000) * this.#rate + bytes + HEADERS > this.#queue) {
			this.dropped++;
			return;
		}
		this.#freeAt = now + waiting + ((bytes + HEADERS) / this.#rate) * 1000;
		setTimeout(deliver, this.#freeAt - now + this.#delay);
	}
}
