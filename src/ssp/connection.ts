/** Datagrams to and from one roaming peer: order, round trip, address, size (protocol §1.3 to §1.7). */

import { DATAGRAM_OVERHEAD, DatagramCipher } from "./datagram.js";
import type { DatagramPort, PeerAddress, SendOutcome } from "./datagram-port.js";
import type { TransportObserver } from "./observer.js";
import { PathSize } from "./path-size.js";
import { RoundTrip } from "./rtt.js";
import { elapsed16, NO_TIMESTAMP, TimestampEcho, timestamp16 } from "./timestamps.js";
import { DETACH_AFTER } from "./timing.js";

/** "Congestion experienced" in the IP header's ECN field. Only tests pass it: Node cannot read the field. */
const ECN_CONGESTION = 3;

export interface ConnectionOptions {
	/** Only tests are clients. */
	readonly role: "server" | "client";
	readonly key: Uint8Array;
	readonly port: DatagramPort;
	/** A client must know its server; a server learns its client from the first authentic datagram. */
	readonly peer?: PeerAddress | undefined;
	readonly observer?: TransportObserver | undefined;
	/** A datagram turned out to be too large after it was sent; later ones will be smaller. */
	readonly onTooBig?: (() => void) | undefined;
	/** For tests; see `KEY_BLOCK_LIMIT`. */
	readonly keyBlockLimit?: number | undefined;
}

export class Connection {
	readonly roundTrip = new RoundTrip();
	readonly pathSize: PathSize;
	readonly #server: boolean;
	readonly #cipher: DatagramCipher;
	readonly #port: DatagramPort;
	readonly #observer: TransportObserver | undefined;
	readonly #echo = new TimestampEcho();
	#nextSequence = 0n;
	#expectedSequence = 0n;
	#peer: PeerAddress | undefined;
	#detached = false;
	#lastHeard: number | undefined;
	#lastSent = 0;
	#trip: number | undefined;

	constructor(options: ConnectionOptions) {
		this.#server = options.role === "server";
		this.#cipher = new DatagramCipher(options.key, options.keyBlockLimit);
		this.#port = options.port;
		this.#observer = options.observer;
		this.#peer = options.peer;
		this.pathSize = new PathSize(options.port.family);
		options.port.onSendError?.((outcome, bytes) => {
			if (this.#refused(outcome, bytes)) {
				options.onTooBig?.();
			}
		});
	}

	get peer(): PeerAddress | undefined {
		return this.#peer;
	}

	/** There is a peer to send to; a server must also have heard it within 40 s. */
	get attached(): boolean {
		return this.#peer !== undefined && !this.#detached;
	}

	/** When an in-sequence datagram last came; `undefined` before the first. */
	get lastHeard(): number | undefined {
		return this.#lastHeard;
	}

	/** The round trip that the last datagram heard has measured (ms), if it did. */
	get trip(): number | undefined {
		return this.#trip;
	}

	/** Largest payload (bytes) of a datagram on this path. */
	get maxPayload(): number {
		return this.pathSize.payload - DATAGRAM_OVERHEAD;
	}

	/** Sends one fragment to the peer. Throws `SspError` `key-exhausted`, after which nothing can be sent. */
	send(payload: Uint8Array, now: number): SendOutcome {
		const peer = this.#peer;
		if (peer === undefined) {
			return "failed";
		}
		const bytes = this.#cipher.seal({
			toClient: this.#server,
			sequence: this.#nextSequence++,
			timestamp: timestamp16(now),
			timestampReply: this.#echo.take(now),
			payload,
		});
		this.#lastSent = now;
		const outcome = this.#port.send(bytes, peer);
		this.#refused(outcome, bytes.length);
		if (this.#server && this.#lastHeard !== undefined && now - this.#lastHeard > DETACH_AFTER) {
			if (!this.#detached) {
				this.#observer?.detached?.();
			}
			this.#detached = true;
		}
		return outcome;
	}

	/**
	 * The fragment inside a UDP payload, or `undefined` if it is dropped. A datagram older than one already seen still
	 * yields its fragment, but says nothing about time, path or address (protocol §1.5). `ecn` is 0 except in tests.
	 */
	receive(bytes: Uint8Array, from: PeerAddress, ecn: number, now: number): Uint8Array | undefined {
		this.#trip = undefined;
		const datagram = this.#cipher.open(bytes);
		if (datagram === undefined) {
			this.#observer?.dropped?.("bad-datagram");
			return undefined;
		}
		if (datagram.toClient === this.#server) {
			this.#observer?.dropped?.("wrong-direction");
			return undefined;
		}
		if (datagram.sequence < this.#expectedSequence) {
			return datagram.payload;
		}
		this.#expectedSequence = datagram.sequence + 1n;
		const congested = (ecn & ECN_CONGESTION) === ECN_CONGESTION;
		if (congested) {
			this.#observer?.congestion?.();
		}
		this.#echo.save(datagram.timestamp, congested, now);
		if (datagram.timestampReply !== NO_TIMESTAMP) {
			this.#trip = elapsed16(datagram.timestampReply, timestamp16(now));
			this.roundTrip.sample(this.#trip);
		}
		this.#lastHeard = now;
		this.#detached = false;
		if (this.#server) {
			this.#roam(from);
		}
		return datagram.payload;
	}

	/** Whether the peer has sealed a UDP payload. Costs as much as opening it, and changes nothing. */
	recognises(bytes: Uint8Array): boolean {
		const datagram = this.#cipher.open(bytes);
		return datagram !== undefined && datagram.toClient !== this.#server;
	}

	#roam(from: PeerAddress): void {
		const peer = this.#peer;
		if (peer !== undefined && peer.port === from.port && peer.address === from.address) {
			return;
		}
		if (peer !== undefined && peer.address !== from.address) {
			this.pathSize.reset();
		}
		this.#peer = { address: from.address, port: from.port };
		this.#observer?.peerChanged?.(this.#peer);
	}

	/** Returns whether datagrams will be smaller from now on. */
	#refused(outcome: SendOutcome, bytes: number): boolean {
		return outcome === "too-big" && this.pathSize.refused(bytes, this.#lastSent);
	}
}
