/** Sends a server what no client would, no faster than it reads, and from an address that is not the client's. */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { until } from "./wait.js";

/** A burst must fit the socket's receive buffer, 208 KiB by default, with the kernel's overhead for each. */
const BURST = 50;

export class HostileSender {
	readonly #socket: Socket;
	readonly #port: number;

	private constructor(socket: Socket, port: number) {
		this.#socket = socket;
		this.#port = port;
	}

	static async start(serverPort: number): Promise<HostileSender> {
		const socket = createSocket("udp4");
		socket.bind(0, "127.0.0.66");
		await once(socket, "listening");
		return new HostileSender(socket, serverPort);
	}

	/** Sends `count` datagrams made by `make`, and returns when the server has read them. */
	async send(count: number, make: (index: number) => Uint8Array): Promise<void> {
		for (let start = 0; start < count; start += BURST) {
			const size = Math.min(BURST, count - start);
			await Promise.all(Array.from({ length: size }, (_, index) => this.#sendOne(make(start + index))));
			await until("the server reads what was sent", () => udpQueue(this.#port).waiting === 0, { pollMs: 0 });
		}
	}

	/** Datagrams the kernel dropped because the server was too slow, since its socket was opened. */
	dropped(): number {
		return udpQueue(this.#port).dropped;
	}

	close(): void {
		this.#socket.close();
	}

	#sendOne(datagram: Uint8Array): Promise<void> {
		return new Promise((resolve, reject) => {
			this.#socket.send(datagram, this.#port, "127.0.0.1", (error) => (error ? reject(error) : resolve()));
		});
	}
}

/** The receive queue (bytes) and drop count of the IPv4 UDP socket bound to `port`. */
function udpQueue(port: number): { waiting: number; dropped: number } {
	const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
	for (const line of readFileSync("/proc/net/udp", "utf8").split("\n").slice(1)) {
		const fields = line.trim().split(/\s+/);
		if (!fields[1]?.endsWith(suffix)) {
			continue;
		}
		return { waiting: Number.parseInt(fields[4]?.split(":")[1] ?? "", 16), dropped: Number(fields.at(-1)) };
	}
	throw new Error(`no UDP socket is bound to port ${port}`);
}
