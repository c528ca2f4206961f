/** The path between client and server: plain loopback, or one that delays and loses datagrams. */

import { type Random, seededRandom } from "../measure/random.js";

export interface Link {
	/** Calls `deliver` when a datagram sent now arrives, or never. */
	toServer(deliver: () => void): void;
	toClient(deliver: () => void): void;
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
