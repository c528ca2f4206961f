/** Instructions to and from one peer: compressed, cut into fragments, and carried by datagrams (protocol §2). */

import { decompress } from "./compression.js";
import { Connection, type ConnectionOptions } from "./connection.js";
import type { PeerAddress } from "./datagram-port.js";
import { Assembler, decodeFragment, encodeFragment } from "./fragment.js";
import { FragmentCache } from "./fragment-cache.js";
import { decodeInstruction, type Instruction } from "./instruction.js";
import type { TransportObserver } from "./observer.js";

export class Channel {
	readonly #connection: Connection;
	readonly #observer: TransportObserver | undefined;
	readonly #fragments = new FragmentCache();
	readonly #assembler = new Assembler();

	constructor(options: ConnectionOptions) {
		this.#connection = new Connection(options);
		this.#observer = options.observer;
	}

	/** Where datagrams go; a server's is unknown until its client has been heard. */
	get peer(): PeerAddress | undefined {
		return this.#connection.peer;
	}

	/** Something can be sent: there is a peer, and a server heard from it within 40 s. */
	get attached(): boolean {
		return this.#connection.attached;
	}

	/** When an authentic in-sequence datagram last came; `undefined` before the first. */
	get lastHeard(): number | undefined {
		return this.#connection.lastHeard;
	}

	/** Retransmission timeout, 50 to 1000 ms. */
	get rto(): number {
		return this.#connection.roundTrip.rto;
	}

	/** Least time between frames, 20 to 250 ms. */
	get interval(): number {
		return this.#connection.roundTrip.interval;
	}

	/** Bytes of an incomplete instruction. */
	get bufferedBytes(): number {
		return this.#assembler.bufferedBytes;
	}

	/**
	 * Sends an instruction; if the path turns out to be too narrow for its fragments, once more in smaller ones.
	 * Loss is not reported. Throws `SspError` `key-exhausted`, after which nothing can be sent.
	 */
	send(instruction: Instruction, now: number): void {
		if (!this.#sendFragments(instruction, now)) {
			this.#sendFragments(instruction, now);
		}
	}

	/**
	 * The instruction that a UDP payload completes. Datagrams that are not authentic are dropped; throws `SspError`
	 * for authentic ones that are malformed.
	 */
	receive(bytes: Uint8Array, from: PeerAddress, ecn: number, now: number): Instruction | undefined {
		const payload = this.#connection.receive(bytes, from, ecn, now);
		if (payload === undefined) {
			return undefined;
		}
		const assembled = this.#assembler.add(decodeFragment(payload));
		return assembled && decodeInstruction(decompress(assembled));
	}

	/** Returns false, with the rest unsent, if the largest payload has shrunk meanwhile. */
	#sendFragments(instruction: Instruction, now: number): boolean {
		const { oldNumber, newNumber, ack, throwaway } = instruction;
		const { maxPayload, roundTrip } = this.#connection;
		for (const fragment of this.#fragments.get(instruction, maxPayload)) {
			const outcome = this.#connection.send(encodeFragment(fragment), now);
			this.#observer?.sent?.({
				oldNumber,
				newNumber,
				fragmentId: fragment.id,
				fragmentNumber: fragment.number,
				ack,
				throwaway,
				length: fragment.contents.length,
				interval: roundTrip.interval,
				rto: roundTrip.rto,
				srtt: roundTrip.srtt,
				outcome,
			});
			if (outcome === "too-big" && this.#connection.maxPayload < maxPayload) {
				return false;
			}
		}
		return true;
	}
}
