/**
 * After the end of a session: clients that have not acknowledged it are told when they are heard again, so that a client that wakes
 * up does not hang (protocol §3.6). Only the port, the keys and each client's last confirmed screen are kept for that.
 */

import type { PeerAddress } from "../../ssp/index.js";
import type { Clock } from "../../system/clock.js";
import type { Clients } from "./clients.js";
import type { TimerService } from "./timer-service.js";

export interface FarewellParts {
	readonly clients: Clients;
	readonly clock: Clock;
	readonly timers: TimerService;
	/** For how long (ms) they are waited for. */
	readonly limit: number;
	/** Some of them are waited for no more. */
	readonly left: () => void;
	/** Called once, when all know or the time is over. */
	readonly done: () => void;
}

export class Farewell {
	readonly #parts: FarewellParts;
	readonly #until: number;
	#over = false;
	#turnPlanned = false;
	#cancelTimer: () => void = () => {};

	constructor(parts: FarewellParts) {
		this.#parts = parts;
		this.#until = parts.clock.now() + parts.limit;
		this.#turn();
	}

	receive(datagram: Uint8Array, from: PeerAddress): void {
		const { clients } = this.#parts;
		const client = clients.of(datagram);
		if (this.#over || client === undefined) {
			return;
		}
		if (client.transport.receive(datagram, from) && client.role === "promised") {
			clients.dismiss(client);
		}
		if (!this.#turnPlanned) {
			this.#turnPlanned = true;
			this.#parts.timers.soon(this.#turn);
		}
	}

	/** Nobody is told any more. */
	stop(): void {
		if (!this.#over) {
			this.#over = true;
			this.#cancelTimer();
			this.#parts.done();
		}
	}

	readonly #turn = (): void => {
		this.#turnPlanned = false;
		this.#cancelTimer();
		if (this.#over) {
			return;
		}
		const { clients, clock, timers } = this.#parts;
		const now = clock.now();
		clients.sendToLeaving();
		clients.advance(now);
		if (clients.takeDropped()) {
			this.#parts.left();
		}
		if (clients.all.length === 0 || now >= this.#until) {
			this.stop();
			return;
		}
		const wait = Math.min(clients.waitTime(false, now), this.#until - now);
		this.#cancelTimer = timers.after(wait, this.#turn);
	};
}
