/**
 * Whether a mosh-server can be reached from here: sends a datagram that only its own client could make, which the stock server
 * answers, from a new source port each time, so that it does not pass as part of an established flow.
 */

import { createSocket } from "node:dgram";
import { compress, decompress } from "../../src/ssp/compression.js";
import { parseKey } from "../../src/ssp/crypto/key.js";
import { DatagramCipher } from "../../src/ssp/datagram.js";
import { decodeFragment, encodeFragment } from "../../src/ssp/fragment.js";
import { decodeInstruction, encodeInstruction } from "../../src/ssp/instruction.js";
import { NO_TIMESTAMP } from "../../src/ssp/timestamps.js";
import { encodeUserEvents } from "../../src/ssp/user-input.js";

class Client {
	readonly #cipher: DatagramCipher;
	#datagrams = 0n;
	#states = 0n;

	constructor(key: string) {
		this.#cipher = new DatagramCipher(parseKey(key));
	}

	/** Carries a state that is new to the server, which an idle server acknowledges within 100 ms. */
	next(): Uint8Array {
		this.#states += 1n;
		return this.#datagram(0n);
	}

	/**
	 * What acknowledges the state in a server's datagram: a stock server would send it again and again for ten seconds, which
	 * two hundred of them do at the expense of everything else. Undefined for one that cannot be read by itself.
	 */
	acknowledgment(received: Uint8Array): Uint8Array | undefined {
		const opened = this.#cipher.open(received);
		const fragment = opened && decodeFragment(opened.payload);
		if (fragment === undefined || fragment.number !== 0 || !fragment.final) {
			return undefined;
		}
		return this.#datagram(decodeInstruction(decompress(fragment.contents)).newNumber);
	}

	#datagram(ack: bigint): Uint8Array {
		const sequence = this.#datagrams++;
		const diff = encodeUserEvents([{ type: "resize", columns: 80, rows: 24 }]);
		const newNumber = this.#states;
		const instruction = encodeInstruction({ oldNumber: 0n, newNumber, ack, throwaway: 0n, diff });
		const payload = encodeFragment({ id: sequence, number: 0, final: true, contents: compress(instruction) });
		return this.#cipher.seal({
			toClient: false,
			sequence,
			timestamp: NO_TIMESTAMP,
			timestampReply: NO_TIMESTAMP,
			payload,
		});
	}
}

const clients = new Map<string, Client>();

/** `waitMs`: how long an answer may take. */
export async function isAnswered(
	address: string,
	port: number,
	key: string,
	waitMs: number,
): Promise<boolean> {
	const client = clients.get(key) ?? new Client(key);
	clients.set(key, client);
	const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
	try {
		return await new Promise<boolean>((resolve) => {
			const timer = setTimeout(() => resolve(false), waitMs);
			// A rejecting firewall answers by ICMP.
			socket.on("error", () => undefined);
			socket.on("message", (message, from) => {
				// Another server may still send to a port that an earlier probe had.
				if (from.address !== address || from.port !== port) {
					return;
				}
				clearTimeout(timer);
				const acknowledgment = client.acknowledgment(message);
				if (acknowledgment === undefined) {
					resolve(true);
				} else {
					socket.send(acknowledgment, port, address, () => resolve(true));
				}
			});
			socket.send(client.next(), port, address);
		});
	} finally {
		socket.close();
	}
}
