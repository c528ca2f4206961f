/**
 * A bad network on loopback: a UDP relay between a client and a server that loses, delays, repeats and
 * reorders datagrams, and can change the address the server sees. The kernel's netem is not needed for it.
 */

import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { SeededRandom } from "./random.js";

export interface RelayWeather {
	/** Chance in [0, 1] that a datagram is lost, each way. */
	readonly loss?: number;
	/** One-way delay in milliseconds, each way. */
	readonly delayMs?: number;
	/** Further random delay up to this many milliseconds: datagrams overtake each other. */
	readonly jitterMs?: number;
	/** Chance in [0, 1] that a datagram arrives twice. */
	readonly duplicate?: number;
}

export interface RelayCounts {
	toServer: number;
	toClient: number;
	lost: number;
	duplicated: number;
}

export class UdpRelay {
	weather: RelayWeather;
	/** While true nothing passes, as when a laptop sleeps. */
	blackhole = false;
	readonly counts: RelayCounts = { toServer: 0, toClient: 0, lost: 0, duplicated: 0 };
	/** Datagrams the client sent, oldest first, as many as `keep` asked for: material for replays. */
	readonly heardFromClient: Buffer[] = [];

	readonly #front: Socket;
	readonly #serverPort: number;
	readonly #random: SeededRandom;
	readonly #keep: number;
	readonly #timers = new Set<NodeJS.Timeout>();
	#back: Socket | undefined;
	#clientPort: number | undefined;
	#closed = false;

	private constructor(front: Socket, serverPort: number, weather: RelayWeather, seed: number, keep: number) {
		this.#front = front;
		this.#serverPort = serverPort;
		this.weather = weather;
		this.#random = new SeededRandom(seed);
		this.#keep = keep;
		front.on("message", (datagram, from) => this.#fromClient(datagram, from.port));
	}

	static async start(
		serverPort: number,
		{ weather = {}, seed = 1, keep = 0 }: { weather?: RelayWeather; seed?: number; keep?: number } = {},
	): Promise<UdpRelay> {
		const relay = new UdpRelay(await bound("127.0.0.1"), serverPort, weather, seed, keep);
		await relay.moveTo("127.0.0.1");
		return relay;
	}

	/** Where the client must send. */
	get port(): number {
		return this.#front.address().port;
	}

	/** Port the server sees at present. */
	get sourcePort(): number {
		return this.#back?.address().port ?? 0;
	}

	/** From now on the server sees another port, and another address if `address` (127.x.y.z) differs. */
	async moveTo(address: string): Promise<void> {
		const next = await bound(address);
		next.on("message", (datagram) => this.#fromServer(datagram));
		this.#back?.close();
		this.#back = next;
	}

	async close(): Promise<void> {
		this.#closed = true;
		for (const timer of this.#timers) {
			clearTimeout(timer);
		}
		this.#back?.close();
		this.#front.close();
		await once(this.#front, "close");
	}

	#fromClient(datagram: Buffer, port: number): void {
		this.#clientPort = port;
		if (this.heardFromClient.length < this.#keep) {
			this.heardFromClient.push(Buffer.from(datagram));
		}
		this.counts.toServer += 1;
		this.#pass(() => this.#back?.send(datagram, this.#serverPort, "127.0.0.1", ignoreSendError));
	}

	#fromServer(datagram: Buffer): void {
		this.counts.toClient += 1;
		this.#pass(() => {
			if (this.#clientPort !== undefined) {
				this.#front.send(datagram, this.#clientPort, "127.0.0.1", ignoreSendError);
			}
		});
	}

	#pass(deliver: () => void): void {
		const { loss = 0, delayMs = 0, jitterMs = 0, duplicate = 0 } = this.weather;
		if (this.blackhole || this.#random.next() < loss) {
			this.counts.lost += 1;
			return;
		}
		const copies = this.#random.next() < duplicate ? 2 : 1;
		this.counts.duplicated += copies - 1;
		for (let copy = 0; copy < copies; copy += 1) {
			this.#after(delayMs + this.#random.next() * jitterMs, deliver);
		}
	}

	#after(ms: number, deliver: () => void): void {
		if (ms === 0) {
			deliver();
			return;
		}
		const timer = setTimeout(() => {
			this.#timers.delete(timer);
			if (!this.#closed) {
				deliver();
			}
		}, ms);
		this.#timers.add(timer);
	}
}

/** A failed send on a bad network is a lost datagram. */
function ignoreSendError(): void {}

async function bound(address: string): Promise<Socket> {
	const socket = createSocket("udp4");
	socket.bind(0, address);
	await once(socket, "listening");
	return socket;
}
