/**
 * State synchronisation with one peer: keeps the peer's copy of the local state and our copy of the remote one up to date
 * (protocol §3). It does no I/O and sets no timers: the owner hands it datagrams and calls `tick` in time.
 */

import type { Clock } from "../system/clock.js";
import { Channel } from "./channel.js";
import type { DatagramPort, PeerAddress } from "./datagram-port.js";
import type { FrameTiming } from "./frame-timing.js";
import type { Instruction } from "./instruction.js";
import type { TransportObserver } from "./observer.js";
import type { Opening } from "./opening.js";
import { type ReceivedState, Receiver } from "./receiver.js";
import { Sender } from "./sender.js";
import type { LocalStateCodec, RemoteStateCodec } from "./state.js";
import { MIN_DELAY_CLIENT, MIN_DELAY_SERVER } from "./timing.js";
import { unlessMalformed } from "./unless-malformed.js";

export interface TransportOptions<L, R> {
	/** Only tests are clients. */
	readonly role: "server" | "client";
	/** 16 bytes; see `generateKey` and `parseKey`. */
	readonly key: Uint8Array;
	readonly clock: Clock;
	readonly port: DatagramPort;
	readonly local: LocalStateCodec<L>;
	/** State 0 of each side: known to both beforehand, never sent. */
	readonly initialLocal: L;
	readonly remote: RemoteStateCodec<R>;
	readonly initialRemote: R;
	/** The server's address, for a client. */
	readonly peer?: PeerAddress;
	/** Collection interval: how long to wait for further changes after a first one (ms). Default: 8 for a server, 1 for a client. */
	readonly minDelay?: number;
	/** When changed states are sent; by default as the stock programs do. */
	readonly frameTiming?: FrameTiming;
	readonly observer?: TransportObserver;
	/** Has answered the peer so far, with the same key, port and clock. */
	readonly opening?: Opening | undefined;
	/** For tests: blocks this side may encrypt, 2^47 by default. */
	readonly keyBlockLimit?: number;
}

export class Transport<L, R> {
	readonly #clock: Clock;
	readonly #observer: TransportObserver | undefined;
	readonly #channel: Channel;
	readonly #sender: Sender<L>;
	readonly #receiver: Receiver<R>;

	constructor(options: TransportOptions<L, R>) {
		this.#clock = options.clock;
		this.#observer = options.observer;
		this.#channel = options.opening?.channel ?? new Channel(options);
		this.#receiver = new Receiver(options.remote, options.initialRemote);
		this.#sender = new Sender(this.#channel, {
			codec: options.local,
			initial: options.initialLocal,
			minDelay: options.minDelay ?? (options.role === "server" ? MIN_DELAY_SERVER : MIN_DELAY_CLIENT),
			frameTiming: options.frameTiming,
			now: options.clock.now(),
			answeredAt: options.opening?.answeredAt,
		});
	}

	/**
	 * Takes a UDP payload. Returns true when there is a new newest remote state. Act on it before the next call: the
	 * transport then discards the history that led to it (`RemoteStateCodec.subtract`). Never throws, whatever the bytes.
	 * @param ecn the two-bit ECN field of the IP header. Only tests pass it: Node cannot read it.
	 */
	receive(datagram: Uint8Array, from: PeerAddress, ecn = 0): boolean {
		const news = unlessMalformed(this.#observer, () => {
			const now = this.#clock.now();
			const instruction = this.#channel.receive(datagram, from, ecn, now);
			return instruction !== undefined && this.#take(instruction, now);
		});
		return news ?? false;
	}

	/** Takes an instruction that `Opening` has kept. As `receive`, otherwise. */
	resume(instruction: Instruction): boolean {
		return unlessMalformed(this.#observer, () => this.#take(instruction, this.#clock.now())) ?? false;
	}

	/**
	 * Whether a UDP payload is from this transport's peer: several transports, each with a key of its own, may share a socket.
	 * Costs as much as opening it, and changes nothing.
	 */
	recognises(datagram: Uint8Array): boolean {
		return this.#channel.recognises(datagram);
	}

	/** Sets the state that the peer is to have. Nothing is sent before `tick`. Ignored once shutting down. */
	setLocal(state: L): void {
		this.#sender.set(state);
	}

	/** The newest local state that the peer has confirmed; state 0 before the first. */
	get confirmedLocal(): L {
		return this.#sender.confirmed;
	}

	/** How long (ms) the peer may take to confirm what it is sent. */
	get patience(): number {
		return this.#channel.patience;
	}

	/** The local states sent since the newest that the peer has confirmed, that one first. */
	get sentLocal(): readonly L[] {
		return this.#sender.sent;
	}

	/** Sends whatever is due. Returns whether anything was. Throws `SspError` `key-exhausted` when the session must end. */
	tick(): boolean {
		return this.#sender.tick(this.#clock.now());
	}

	/** Milliseconds until `tick` is due: 0 = now, Infinity = not until something is received or set. */
	waitTime(): number {
		return this.#sender.waitTime(this.#clock.now());
	}

	/** The peer's newest state; before the first one, number is 0 and receivedAt is -Infinity. */
	get remote(): ReceivedState<R> {
		return this.#receiver.newest;
	}

	/** Where datagrams go; a server's is unknown until its client has been heard. */
	get peer(): PeerAddress | undefined {
		return this.#channel.peer;
	}

	/** Something can be sent: there is a peer, and a server heard from it within 40 s. */
	get attached(): boolean {
		return this.#channel.attached;
	}

	/** When an authentic in-sequence datagram last came, on the transport's clock; `undefined` before the first. */
	get lastHeard(): number | undefined {
		return this.#channel.lastHeard;
	}

	/** What the peer makes us store: states as bases of diffs, and bytes of an incomplete instruction. For tests. */
	get buffered(): { sent: number; received: number; fragmentBytes: number } {
		return {
			sent: this.#sender.bufferedStates,
			received: this.#receiver.bufferedStates,
			fragmentBytes: this.#channel.bufferedBytes,
		};
	}

	/** States that have to arrive one by one (`StatePath`) are still to be sent, or to be acknowledged. */
	get chained(): boolean {
		return this.#sender.chained;
	}

	/** Ends the session from this side: the local state is final and is sent until acknowledged (protocol §3.6). */
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

	/** 16 shutdown instructions or 10 s have gone by without that. */
	get shutdownTimedOut(): boolean {
		return this.#sender.shutdownTimedOut(this.#clock.now());
	}

	/** The peer has ended the session and has been told once that we know: nothing more needs to be sent. */
	get peerShutdownAcknowledged(): boolean {
		return this.#sender.peerShutdownAcknowledged;
	}

	#take(instruction: Instruction, now: number): boolean {
		const { oldNumber, newNumber, ack, diff } = instruction;
		this.#sender.acknowledged(ack, now);
		const reception = this.#receiver.receive(instruction, now);
		if (reception === "known") {
			return false;
		}
		const newest = reception === "newest";
		if (newest) {
			this.#sender.received(newNumber, diff.length > 0, now);
		}
		this.#observer?.received?.({ number: newNumber, base: oldNumber, ack, newest, length: diff.length });
		return newest;
	}
}
