/** What a transport tells about itself: for `-v` lines, logs and tests. Nothing depends on it. */
import type { PeerAddress, SendOutcome } from "./datagram-port.js";
import type { SspErrorCode } from "./errors.js";

/** One datagram sent (protocol §6.3.5). Times in milliseconds. */
export interface DatagramSent {
	readonly oldNumber: bigint;
	readonly newNumber: bigint;
	readonly fragmentId: bigint;
	readonly fragmentNumber: number;
	readonly ack: bigint;
	readonly throwaway: bigint;
	/** Of the fragment's contents, in bytes. */
	readonly length: number;
	readonly interval: number;
	readonly rto: number;
	readonly srtt: number;
	readonly outcome: SendOutcome;
}

/** One remote state taken. */
export interface StateReceived {
	readonly number: bigint;
	readonly base: bigint;
	readonly ack: bigint;
	/** False for one that arrived after a newer state. */
	readonly newest: boolean;
	/** Of the diff, in bytes. */
	readonly length: number;
}

export interface TransportObserver {
	sent?(datagram: DatagramSent): void;
	received?(state: StateReceived): void;
	/** The peer's address is known, or is another one. */
	peerChanged?(peer: PeerAddress): void;
	/** Nothing heard for 40 s: sending stops until the peer is heard again. */
	detached?(): void;
	/** A datagram bore a congestion mark. */
	congestion?(): void;
	/** Input that was not used; `error` where there is more to say. */
	dropped?(reason: SspErrorCode, error?: Error): void;
}
