/** Instructions to and from one peer: compressed, cut into fragments, and carried by datagrams (protocol §2). */

import { decompress } from "./compression.js";
import { Connection, type ConnectionOptions } from "./connection.js";
import { DATAGRAM_OVERHEAD } from "./datagram.js";
import type { PeerAddress } from "./datagram-port.js";
import { SspError } from "./errors.js";
import { Assembler, decodeFragment, encodeFragment, FRAGMENT_HEADER, type Fragment } from "./fragment.js";
import { FragmentCache } from "./fragment-cache.js";
import { decodeInstruction, type Instruction } from "./instruction.js";
import type { TransportObserver } from "./observer.js";
import { ACK_DELAY } from "./timing.js";

export class Channel {
	readonly #connection: Connection;
	readonly #observer: TransportObserver | undefined;
	readonly #fragments = new FragmentCache();
	readonly #assembler = new Assembler();
	#last: { readonly instruction: Instruction; readonly now: number } | undefined;

	constructor(options: Omit<ConnectionOptions, "onTooBig">) {
		this.#connection = new Connection({ ...options, onTooBig: () => this.#repeat() });
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

	/** See `Connection.recognises`. */
	recognises(bytes: Uint8Array): boolean {
		return this.#connection.recognises(bytes);
	}

	/** Retransmission timeout, 50 to 1000 ms. */
	get rto(): number {
		return this.#connection.roundTrip.rto;
	}

	/** Smoothed round trip (ms); 1000 until measured. */
	get srtt(): number {
		return this.#connection.roundTrip.srtt;
	}

	/** The round trip that the last datagram heard has measured (ms), if it did. */
	get trip(): number | undefined {
		return this.#connection.trip;
	}

	/** Least time between frames, 20 to 250 ms. */
	get interval(): number {
		return this.#connection.roundTrip.interval;
	}

	/** Bytes of an incomplete instruction. */
	get bufferedBytes(): number {
		return this.#assembler.bufferedBytes;
	}

	/** How long an instruction may be in flight before it counts as lost (ms). */
	get patience(): number {
		return this.rto + ACK_DELAY;
	}

	/**
	 * Sends an instruction; if this host refuses its fragments as too large, again in smaller ones, at once or as soon as
	 * that is known. Loss is not reported. Throws `SspError` `key-exhausted`, after which nothing can be sent.
	 */
	send(instruction: Instruction, now: number): void {
		this.#last = { instruction, now };
		while (!this.#sendFragments(instruction, now)) {
			// Each time there is one size less to try.
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
		const { pathSize, trip } = this.#connection;
		const assembled = this.#assembler.add(decodeFragment(payload));
		if (assembled === undefined) {
			return undefined;
		}
		const instruction = decodeInstruction(decompress(assembled));
		pathSize.acknowledged(instruction.ack, trip, now);
		return instruction;
	}

	#repeat(): void {
		if (this.#last === undefined) {
			return;
		}
		try {
			this.send(this.#last.instruction, this.#last.now);
		} catch (error) {
			// Nobody called who could be told; the next instruction tells its sender.
			if (!(error instanceof SspError)) {
				throw error;
			}
		}
	}

	/** Fragments as long as the path is thought to carry. */
	#cut(instruction: Instruction, now: number): readonly Fragment[] {
		const { pathSize, lastHeard } = this.#connection;
		pathSize.refresh(now);
		const fragments = this.#fragments.get(instruction, this.#connection.maxPayload);
		const { oldNumber, newNumber } = instruction;
		const longest = DATAGRAM_OVERHEAD + FRAGMENT_HEADER + (fragments[0] as Fragment).contents.length;
		const { patience } = this;
		if (pathSize.departs({ oldNumber, newNumber, longest, patience, lastHeard }, now)) {
			return this.#fragments.get(instruction, this.#connection.maxPayload);
		}
		return fragments;
	}

	/** Returns false, with the rest unsent, if the largest payload has shrunk meanwhile. */
	#sendFragments(instruction: Instruction, now: number): boolean {
		const { oldNumber, newNumber, ack, throwaway } = instruction;
		const { roundTrip } = this.#connection;
		const fragments = this.#cut(instruction, now);
		const { maxPayload } = this.#connection;
		for (const fragment of fragments) {
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
