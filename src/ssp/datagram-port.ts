/** The protocol's only dependency on the outside: sending a datagram to an address. Receiving is a method call. */

export interface PeerAddress {
	readonly address: string;
	readonly port: number;
}

/** `too-big` is EMSGSIZE: the path does not carry datagrams of this size. Other failures are treated as loss. */

export type SendOutcome = "sent" | "too-big" | "failed";

export interface DatagramPort {
	/** Family of the bound socket (a dual-stack `::` socket is `ipv6`); determines the largest payload. */
	readonly family: "ipv4" | "ipv6";
	/** `payload` is only valid during the call unless the implementation copies it. */
	send(payload: Uint8Array, to: PeerAddress): SendOutcome;
	/** Registers a listener for failures that become known after `send` (asynchronous sockets), of payloads of so many bytes. */
	onSendError?(listener: (outcome: SendOutcome, bytes: number) => void): void;
}
