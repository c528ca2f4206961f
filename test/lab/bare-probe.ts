/**
 * Whether the firewall lets datagrams through to a port that no process has bound: the kernel answers each that passes with
 * "port unreachable", which a connected socket reports as ECONNREFUSED.
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";

const INTERVAL_MS = 10;
/**
 * Datagrams in a row without an answer that mean the port is shut: one alone could have been lost, and on a loaded machine
 * the kernel hands some over late.
 */
const QUIET = 10;

/**
 * Sends datagrams until the port is shut. Resolves with the time of the last that passed, undefined if none did; rejects
 * when it is still open after `limitMs`.
 */
export async function lastPassed(
	address: string,
	port: number,
	limitMs: number,
): Promise<number | undefined> {
	const socket = await connected(address, port);
	const begun = now();
	let last: number | undefined;
	let unanswered = 0;
	socket.on("error", (error: NodeJS.ErrnoException) => {
		if (error.code !== "ECONNREFUSED") {
			return;
		}
		last = now();
		unanswered = 0;
	});
	try {
		while (unanswered < QUIET) {
			if (now() - begun > limitMs) {
				throw new Error(`${address} port ${port} is still open after ${limitMs} ms`);
			}
			unanswered += 1;
			socket.send("bare", () => undefined);
			await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
		}
	} finally {
		socket.close();
	}
	return last;
}

async function connected(address: string, port: number): Promise<Socket> {
	const socket = createSocket(address.includes(":") ? "udp6" : "udp4");
	socket.connect(port, address);
	await once(socket, "connect");
	return socket;
}

/** Milliseconds; comparable between processes. */
export function now(): number {
	return performance.timeOrigin + performance.now();
}
