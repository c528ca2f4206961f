/** A UDP socket as the protocol needs it: synchronous sending, numeric addresses, no name lookups. */

import { createSocket, type RemoteInfo, type Socket, type SocketType } from "node:dgram";
import type { DatagramPort, PeerAddress, SendOutcome } from "../../ssp/index.js";

/** Of a numeric address. Node's function has a regular expression for this that takes 135 kB of code when it is used again. */
function isIPv6(address: string): boolean {
	return address.includes(":");
}

/** All addresses are numeric. Answering synchronously saves each send a turn of the event loop. */
function numericLookup(
	host: string,
	_options: unknown,
	callback: (error: null, address: string, family: number) => void,
): void {
	callback(null, host, isIPv6(host) ? 6 : 4);
}

type SendErrorListener = (outcome: SendOutcome, bytes: number) => void;

export class UdpPort implements DatagramPort {
	readonly family: "ipv4" | "ipv6";
	readonly #socket: Socket;
	#sendErrorListener: SendErrorListener | undefined;

	private constructor(socket: Socket, family: "ipv4" | "ipv6") {
		this.#socket = socket;
		this.family = family;
		// Errors of individual sends go to their callbacks. Nothing else that an unconnected socket reports matters.
		socket.on("error", () => {});
	}

	/**
	 * Binds a numeric address; an IPv6 wildcard also serves IPv4.
	 * @param port 0 lets the kernel choose
	 * @throws the system's error (EADDRINUSE, EADDRNOTAVAIL, EACCES…)
	 */
	static bind(address: string, port: number): Promise<UdpPort> {
		const type: SocketType = isIPv6(address) ? "udp6" : "udp4";
		const socket = createSocket({ type, lookup: numericLookup });
		return new Promise((resolve, reject) => {
			socket.once("error", (error) => {
				socket.close();
				reject(error);
			});
			socket.bind({ address, port, exclusive: true }, () => {
				socket.removeAllListeners("error");
				resolve(new UdpPort(socket, type === "udp6" ? "ipv6" : "ipv4"));
			});
		});
	}

	get port(): number {
		return this.#socket.address().port;
	}

	/** Numeric, without a zone. */
	get address(): string {
		return this.#socket.address().address.replace(/%.*$/, "");
	}

	/** Replaces the listener before. */
	onDatagram(listener: (datagram: Uint8Array, from: PeerAddress) => void): void {
		this.#socket.removeAllListeners("message");
		this.#socket.on("message", (datagram: Buffer, from: RemoteInfo) => listener(datagram, from));
	}

	onSendError(listener: SendErrorListener): void {
		this.#sendErrorListener = listener;
	}

	/** Always returns "sent": Node reports a failure only after the call, through `onSendError`. */
	send(payload: Uint8Array, to: PeerAddress): SendOutcome {
		return this.#send(payload, to, (outcome, bytes) => this.#sendErrorListener?.(outcome, bytes));
	}

	/** The same socket for one client of several: it is told of the failures of its own datagrams only. */
	share(): DatagramPort {
		let listener: SendErrorListener = () => {};
		return {
			family: this.family,
			send: (payload, to) => this.#send(payload, to, (outcome, bytes) => listener(outcome, bytes)),
			onSendError(given) {
				listener = given;
			},
		};
	}

	#send(payload: Uint8Array, to: PeerAddress, failed: SendErrorListener): SendOutcome {
		// Node keeps the bytes for later if the socket buffer is full, hence the copy.
		this.#socket.send(Buffer.from(payload), to.port, to.address, (error) => {
			if (error !== null) {
				const tooBig = (error as NodeJS.ErrnoException).code === "EMSGSIZE";
				failed(tooBig ? "too-big" : "failed", payload.length);
			}
		});
		return "sent";
	}

	close(): void {
		this.#socket.close();
	}
}
