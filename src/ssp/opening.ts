/**
 * Answers a client before there is anything to show it. Where a session takes long to begin, because its host is slow or busy,
 * the client would otherwise tell its user that it hears nothing (protocol §3.5).
 */

import type { Clock } from "../system/clock.js";
import { Channel } from "./channel.js";
import type { DatagramPort, PeerAddress } from "./datagram-port.js";
import type { Instruction } from "./instruction.js";
import type { TransportObserver } from "./observer.js";
import { unlessMalformed } from "./unless-malformed.js";

/** Instructions kept for the session. A client sends one at each key; what is not kept it sends again. */
const KEPT_MAX = 64;

const EMPTY = new Uint8Array(0);

export interface OpeningOptions {
	/** 16 bytes; see `generateKey`. */
	readonly key: Uint8Array;
	readonly port: DatagramPort;
	readonly clock: Clock;
	readonly observer?: TransportObserver | undefined;
}

/** The server's side of a connection until a `Transport` continues it. */
export class Opening {
	/** Has sealed what was sent: whoever continues must use it, since no nonce may be used twice. */
	readonly channel: Channel;
	readonly port: DatagramPort;
	readonly #clock: Clock;
	readonly #observer: TransportObserver | undefined;
	#kept: Instruction[] = [];
	#answeredAt: number | undefined;

	constructor({ key, port, clock, observer }: OpeningOptions) {
		this.channel = new Channel({ role: "server", key, port, observer });
		this.port = port;
		this.#clock = clock;
		this.#observer = observer;
	}

	/** Takes a UDP payload; it may contain anything. */
	receive(datagram: Uint8Array, from: PeerAddress): void {
		const now = this.#clock.now();
		const instruction = unlessMalformed(this.#observer, () => this.channel.receive(datagram, from, 0, now));
		if (instruction === undefined || this.#kept.length >= KEPT_MAX) {
			return;
		}
		this.#kept.push(instruction);
		// Only what starts from state 0 is certain to be understood.
		if (this.#answeredAt === undefined && instruction.oldNumber === 0n) {
			this.#answeredAt = now;
			this.#answer(instruction.newNumber, now);
		}
	}

	/** When state 1 was sent, which is the same as state 0; undefined: not. */
	get answeredAt(): number | undefined {
		return this.#answeredAt;
	}

	/** What the client has said, once. */
	takeKept(): readonly Instruction[] {
		const kept = this.#kept;
		this.#kept = [];
		return kept;
	}

	/** Any new state will do for the client to know that its server is there. */
	#answer(ack: bigint, now: number): void {
		this.channel.send({ oldNumber: 0n, newNumber: 1n, ack, throwaway: 0n, diff: EMPTY }, now);
	}
}
