/** The one thing the protocol asks of the outside world: send a datagram to an address. Receiving is a method call. */

export interface PeerAddress {
	readonly address: string;
	readonly port: number;
}

/** `too-big` is EMSGSIZE: the path does not carry datagrams of this size. Other failures count as loss. */
export type SendOutcome = "sent" | "too-big" | "failed";

export interface DatagramPort {
	/** Family of the bound socket (a dual-stack `::` socket is `ipv6`); decides the largest payload. */
	readonly family: "ipv4" | "ipv6";
	/** `payload` is only valid during the call unless the implementation copies it. */
	send(payload: Uint8Array, to: PeerAddress): SendOutcome;
	/** Learns of a failure that shows only later (asynchronous sockets). Optional. */
	onSendError?(listener: (outcome: SendOutcome) => void): void;
}
