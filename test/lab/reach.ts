/**
 * Whether a datagram is answered, on a host whose rules let in ssh at most: a connection to its port 22 that is begun after the
 * datagram, on the same path, tells when an answer would have come, so that a slow machine is not taken for a closed port.
 */

import { createSocket } from "node:dgram";
import { once } from "node:events";
import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** The service answered by one line at once: its loop has then seen the datagram too, or will at the same turn. */
export const SSH_PORT = 22;

/** After the control connection: an answer can be behind it by one turn of the other host's loop. */
const GRACE_MS = 25;
/** Where rules let in no ssh either. Long for a datagram between two namespaces; a lost one is sent again. */
const SILENCE_MS = 250;
/** Datagrams without an answer that mean "shut". */
const TRIES = 2;

export interface Reach {
	readonly answered: boolean;
	/** The other host said by ICMP that it was not let in. */
	readonly refused: boolean;
}

/** Each from a port of its own: a kernel that remembers the flow of another would let it pass. */
let sourcePort = 32_768;

/** On a new flow. */
export async function reach(address: string, port: number): Promise<Reach> {
	const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
	let answered = false;
	let refused = false;
	const over = new Promise<void>((resolve) => {
		socket.on("message", () => {
			answered = true;
			resolve();
		});
		// Connected sockets are told what ICMP says.
		socket.on("error", () => {
			refused = true;
			resolve();
		});
	});
	sourcePort += 1;
	socket.bind(sourcePort);
	socket.connect(port, address);
	await once(socket, "connect");
	try {
		for (let tries = 0; tries < TRIES && !answered && !refused; tries += 1) {
			socket.send("probe", () => undefined);
			await Promise.race([over, silence(address)]);
		}
		return { answered, refused };
	} finally {
		socket.close();
	}
}

async function silence(address: string): Promise<void> {
	const socket = connect({ host: address, port: SSH_PORT });
	const control = new Promise<boolean>((resolve) => {
		socket.on("data", () => resolve(true));
		socket.on("error", () => resolve(false));
	});
	try {
		const served = await Promise.race([control, pause(SILENCE_MS, false)]);
		await pause(served ? GRACE_MS : SILENCE_MS);
	} finally {
		socket.destroy();
	}
}
