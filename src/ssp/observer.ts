/** Events that a transport reports, for `-v`, logs and tests. The protocol does not depend on them. */

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

/** A remote state has been accepted. */
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
	/** The peer's address has become known or has changed. */
	peerChanged?(peer: PeerAddress): void;
	/** The peer has not been heard for 40 s: nothing is sent until it is heard again. */
	detached?(): void;
	/** A datagram carried a congestion mark. */
	congestion?(): void;
	/** Input has been discarded; `error` has the details, if any. */
	dropped?(reason: SspErrorCode, error?: Error): void;
}
