/** Many datagrams at once, each told apart: sent from chosen addresses of one host, received and echoed by the other. */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";

export interface Shot {
	/** Distinguishes it in the whole run. */
	readonly id: string;
	readonly from: string;
	readonly fromPort: number;
	readonly to: string;
	readonly port: number;
}

export interface Hit {
	readonly id: string;
	readonly answered: boolean;
	/** The other host said by ICMP that it was not let in. */
	readonly refused: boolean;
}

const services: Socket[] = [];
let received: string[] = [];

/** Echoes on each address and port, and keeps `ID ADDRESS PORT` of what came. */
export async function serve(addresses: readonly string[], ports: readonly number[]): Promise<boolean> {
	for (const address of addresses) {
		for (const port of ports) {
			const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
			socket.on("error", () => undefined);
			socket.on("message", (data, from) => {
				received.push(`${data} ${address} ${port}`);
				socket.send(data, from.port, from.address);
			});
			socket.bind(port, address);
			await once(socket, "listening");
			services.push(socket);
		}
	}
	return true;
}

/** What came since the last call. */
export function takeReceived(): string[] {
	const taken = received;
	received = [];
	return taken;
}

/** Between two control datagrams; one on the same path is never lost but by rules that are wrong. */
const CONTROL_RETRY_MS = 200;
const CONTROL_ATTEMPTS = 10;
/** An answer or an error can be behind that of the control datagram by one turn of the other host's loop. */
const GRACE_MS = 10;

/** Sends all, and ends when a control datagram that was sent after them has come back twice. */
export async function volley(shots: readonly Shot[], control: number): Promise<Hit[]> {
	const answered = new Set<string>();
	const refused = new Set<string>();
	const sockets = await Promise.all(
		shots.map(async ({ id, from, fromPort, to, port }) => {
			const socket = createSocket(from.includes(":") ? "udp6" : "udp4");
			socket.bind(fromPort, from);
			await once(socket, "listening");
			socket.connect(port, to);
			await once(socket, "connect");
			socket.on("message", () => answered.add(id));
			socket.on("error", () => refused.add(id));
			return socket;
		}),
	);
	for (const [index, socket] of sockets.entries()) {
		socket.send(shots[index]?.id ?? "");
	}
	const targets = new Map(shots.map(({ from, to }) => [to, from]));
	for (const [to, from] of targets) {
		await echoed(from, to, control);
		await echoed(from, to, control);
	}
	await pause(GRACE_MS);
	for (const socket of sockets) {
		socket.close();
	}
	return shots.map(({ id }) => ({ id, answered: answered.has(id), refused: refused.has(id) }));
}

async function echoed(from: string, to: string, port: number): Promise<void> {
	const socket = createSocket(from.includes(":") ? "udp6" : "udp4");
	socket.on("error", () => undefined);
	try {
		socket.bind(0, from);
		await once(socket, "listening");
		for (let attempt = 0; attempt < CONTROL_ATTEMPTS; attempt += 1) {
			const came = once(socket, "message").then(() => true);
			socket.send("control", port, to);
			if (await Promise.race([came, pause(CONTROL_RETRY_MS, false)])) {
				return;
			}
		}
	} finally {
		socket.close();
	}
	throw new Error(`The control port ${port} on ${to} does not answer: the rules must let it in.`);
}
