/**
 * State synchronisation with one peer: the local state is kept up to date over there, the remote one here
 * (protocol §3). It does no I/O and sets no timers: the owner hands it datagrams and calls `tick` in time.
 */
import type { Clock } from "../system/clock.js";
import { decompress } from "./compression.js";
import { Connection } from "./connection.js";
import type { DatagramPort, PeerAddress } from "./datagram-port.js";
import { SspError } from "./errors.js";
import { Assembler, decodeFragment, encodeFragment } from "./fragment.js";
import { Outgoing } from "./fragment-cache.js";
import type { CollectionPolicy } from "./frame-timing.js";
import { decodeInstruction, type Instruction, SHUTDOWN_NUMBER } from "./instruction.js";
import type { TransportObserver } from "./observer.js";
import { type ReceivedState, Receiver } from "./receiver.js";
import { Sender } from "./sender.js";
import type { LocalStateCodec, RemoteStateCodec } from "./state.js";
import { MIN_DELAY_CLIENT, MIN_DELAY_SERVER } from "./timing.js";

export interface TransportOptions<L, R> {
	readonly role: "server" | "client";
	/** 16 bytes; see `generateKey` and `parseKey`. */
	readonly key: Uint8Array;
	readonly clock: Clock;
	readonly port: DatagramPort;
	readonly local: LocalStateCodec<L>;
	/** State 0 of each side: agreed on beforehand, never sent. */
	readonly initialLocal: L;
	readonly remote: RemoteStateCodec<R>;
	readonly initialRemote: R;
	/** The server's address, for a client. */
	readonly peer?: PeerAddress;
	/** Milliseconds to collect further changes after a first one; by default 8 for a server, 1 for a client. */
	readonly minDelay?: number;
	/** When changed states go out; by default stock timing. */
	readonly collection?: CollectionPolicy;
	readonly observer?: TransportObserver;
	/** For tests: blocks this side may encrypt, 2^47 by default. */
	readonly keyBlockLimit?: number;
}

export class Transport<L, R> {
	readonly #clock: Clock;
	readonly #observer: TransportObserver | undefined;
	readonly #connection: Connection;
	readonly #outgoing = new Outgoing();
	readonly #assembler = new Assembler();
	readonly #sender: Sender<L>;
	readonly #receiver: Receiver<R>;

	constructor(options: TransportOptions<L, R>) {
		this.#clock = options.clock;
		this.#observer = options.observer;
		const connection = new Connection(options);
		this.#connection = connection;
		this.#receiver = new Receiver(options.remote, options.initialRemote);
		const path = {
			get attached() {
				return connection.attached;
			},
			get srtt() {
				return connection.roundTrip.srtt;
			},
			get rto() {
				return connection.roundTrip.rto;
			},
			transmit: (instruction: Instruction, now: number) => this.#transmit(instruction, now),
		};
		this.#sender = new Sender(path, {
			codec: options.local,
			initial: options.initialLocal,
			minDelay: options.minDelay ?? (options.role === "server" ? MIN_DELAY_SERVER : MIN_DELAY_CLIENT),
			collection: options.collection,
			now: options.clock.now(),
		});
	}

	/**
	 * Takes a UDP payload; `ecn` is the two-bit field of its IP header where that can be read. True when there
	 * is a new newest remote state. Act on it before the next call: the transport then lets go of the history
	 * that led to it (`RemoteStateCodec.subtract`). Never throws, whatever the bytes.
	 */
	receive(datagram: Uint8Array, from: PeerAddress, ecn = 0): boolean {
		const now = this.#clock.now();
		const payload = this.#connection.receive(datagram, from, ecn, now);
		if (payload === undefined) return false;
		try {
			const assembled = this.#assembler.add(decodeFragment(payload));
			if (assembled === undefined) return false;
			return this.#take(decodeInstruction(decompress(assembled)), now);
		} catch (error) {
			if (!(error instanceof SspError)) throw error;
			this.#observer?.dropped?.(error.code, error);
			return false;
		}
	}

	/** The state the peer should come to hold. Nothing is sent before `tick`. Ignored once shutting down. */
	setLocal(state: L): void {
		this.#sender.set(state);
	}

	/** The state as last set, without the history the peer has acknowledged: what to build the next one on. */
	get local(): L {
		return this.#sender.current;
	}

	/** Sends whatever is due. Throws `SspError` `key-exhausted` when the session can go on no longer. */
	tick(): void {
		this.#sender.tick(this.#clock.now());
	}

	/** Milliseconds until `tick` is due: 0 = now, Infinity = not before something is received or set. */
	waitTime(): number {
		return this.#sender.waitTime(this.#clock.now());
	}

	/** The peer's newest state; number 0 and receivedAt -Infinity before the first. */
	get remote(): ReceivedState<R> {
		return this.#receiver.newest;
	}

	/** Where datagrams go; a server's is unknown until its client has been heard. */
	get peer(): PeerAddress | undefined {
		return this.#connection.peer;
	}

	/** Something can be sent: there is a peer, and a server heard from it within 40 s. */
	get attached(): boolean {
		return this.#connection.attached;
	}

	/** When an authentic in-sequence datagram last came, on the transport's clock; `undefined` before the first. */
	get lastHeard(): number | undefined {
		return this.#connection.lastHeard;
	}

	/** Smoothed round trip in milliseconds; 1000 until measured. */
	get srtt(): number {
		return this.#connection.roundTrip.srtt;
	}

	/** Retransmission timeout, 50 to 1000 ms. */
	get rto(): number {
		return this.#connection.roundTrip.rto;
	}

	/** Least time between frames, 20 to 250 ms. */
	get interval(): number {
		return this.#sender.interval;
	}

	/** What is held for the peer's sake: states as bases of diffs, and bytes of incomplete instructions. */
	get held(): { sent: number; received: number; fragmentBytes: number } {
		return {
			sent: this.#sender.heldStates,
			received: this.#receiver.heldStates,
			fragmentBytes: this.#assembler.heldBytes,
		};
	}

	/** Ends the session from this side: the local state is final, and goes out until acknowledged (protocol §3.6). */
	startShutdown(): void {
		this.#sender.startShutdown(this.#clock.now());
	}

	get shuttingDown(): boolean {
		return this.#sender.shuttingDown;
	}

	/** The peer has confirmed our shutdown. */
	get shutdownAcknowledged(): boolean {
		return this.#sender.shutdownAcknowledged;
	}

	/** 16 shutdown instructions or 10 s went by. */
	get shutdownTimedOut(): boolean {
		return this.#sender.shutdownTimedOut(this.#clock.now());
	}

	/** The peer ends the session; its last state is in `remote`. */
	get peerShutdown(): boolean {
		return this.remote.number === SHUTDOWN_NUMBER;
	}

	/** And has been told once that we know: nothing more needs to be sent. */
	get peerShutdownAcknowledged(): boolean {
		return this.#sender.peerShutdownAcknowledged;
	}

	#take(instruction: Instruction, now: number): boolean {
		const { oldNumber, newNumber, ack, diff } = instruction;
		this.#sender.acknowledged(ack);
		const reception = this.#receiver.receive(instruction, now);
		if (reception === "known") return false;
		const newest = reception === "newest";
		if (newest) this.#sender.received(newNumber, diff.length > 0, now);
		this.#observer?.received?.({ number: newNumber, base: oldNumber, ack, newest, length: diff.length });
		return newest;
	}

	/** Sends in fragments; when the path turns out too narrow for them, once more in smaller ones. */
	#transmit(instruction: Instruction, now: number): void {
		if (!this.#transmitOnce(instruction, now)) this.#transmitOnce(instruction, now);
	}

	#transmitOnce(instruction: Instruction, now: number): boolean {
		const { room } = this.#connection;
		for (const fragment of this.#outgoing.fragments(instruction, room)) {
			const outcome = this.#connection.send(encodeFragment(fragment), now);
			this.#observer?.sent?.({
				oldNumber: instruction.oldNumber,
				newNumber: instruction.newNumber,
				fragmentId: fragment.id,
				fragmentNumber: fragment.number,
				ack: instruction.ack,
				throwaway: instruction.throwaway,
				length: fragment.contents.length,
				interval: this.interval,
				rto: this.rto,
				srtt: this.srtt,
				outcome,
			});
			if (outcome === "too-big" && this.#connection.room < room) return false;
		}
		return true;
	}
}
