/**
 * A headless client that behaves on the wire as the stock mosh-client 1.4.0 does, without port hopping, and records to a
 * fraction of a millisecond when a state with a given text arrived. It keeps no screen: scenarios look for texts that appear
 * in one piece in a host string.
 *
 * This folder implements the protocol again, from its description and on Node's own AES-OCB, and imports nothing of src/ssp.
 * The instrument must be independent of what it measures: with shared code, a fault in timers, acknowledgements or fragments
 * would be on both ends and cancel out, a change to src/ssp would change the client's side of every earlier figure, and time
 * spent in the client could not be told from time spent in the server. It also measures the stock server, with which only a
 * client made to the protocol, not to our server, is a fair comparison.
 */

import { createSocket, type Socket } from "node:dgram";
import { within } from "../measure/time.js";
import { Assembler, encode, hostString, type Instruction, type UserEvent } from "./instruction.js";
import { directLink, type Link } from "./link.js";
import { RoundTrip } from "./round-trip.js";
import { Seal } from "./seal.js";
import { type Outgoing, Sender, SHUTDOWN } from "./sender.js";
import { printedText } from "./text.js";

export interface Traffic {
	datagramsReceived: number;
	/** UDP payload, without IP and UDP headers. */
	bytesReceived: number;
}

interface Waiter {
	readonly shows: (text: string) => boolean;
	readonly resolve: (at: number) => void;
}

/** That of a server's state 0, so that no diff carries a resize. */
const SIZE = { columns: 80, rows: 24 } as const;
/** Ample for a server with a quarter of a processor (ms). */
const CONNECT_LIMIT = 30_000;
/** How long an acknowledgement of our shutdown may take on loopback. */
const SHUTDOWN_LIMIT = 500;

export class MeasuringClient {
	readonly traffic: Traffic = {
		datagramsReceived: 0,
		bytesReceived: 0,
	};

	readonly #socket: Socket;
	readonly #link: Link;
	readonly #port: number;
	readonly #seal: Seal;
	readonly #roundTrip = new RoundTrip();
	readonly #assembler = new Assembler();
	readonly #sender: Sender;
	readonly #waiters = new Set<Waiter>();
	#expected = 0n;
	#instructionId = 0n;
	/** Numbers of the server's states we hold; the last is the newest. */
	#held: bigint[] = [0n];
	#timer: NodeJS.Timeout | undefined;
	#closed = false;
	#onShutdown: (() => void) | undefined;

	/**
	 * Opens a session with the server on loopback `port`; `key` as printed by it.
	 * @param shows of the state that is waited for: the first unless given
	 */
	static async connect(
		port: number,
		key: string,
		link: Link = directLink,
		shows: (text: string) => boolean = () => true,
	): Promise<MeasuringClient> {
		const socket = createSocket("udp4");
		await new Promise<void>((resolve) => socket.bind(0, "127.0.0.1", resolve));
		const client = new MeasuringClient(socket, port, key, link);
		const connected = client.waitFor(shows);
		client.#push(SIZE);
		await within(CONNECT_LIMIT, "first state from the server", connected);
		return client;
	}

	private constructor(socket: Socket, port: number, key: string, link: Link) {
		this.#socket = socket;
		this.#port = port;
		this.#link = link;
		this.#seal = new Seal(key);
		this.#sender = new Sender(performance.now(), this.#roundTrip, (outgoing) => this.#emit(outgoing));
		socket.on("message", (datagram) => link.toClient(() => this.#receive(datagram), datagram.length));
	}

	/** Types `text` now. Returns the time (performance.now) it was typed. */
	type(text: string): number {
		const now = performance.now();
		this.#push(Buffer.from(text));
		return now;
	}

	/** The time at which a state arrives whose host string, control functions removed, satisfies `shows`. */
	waitFor(shows: (text: string) => boolean): Promise<number> {
		return new Promise((resolve) => this.#waiters.add({ shows, resolve }));
	}

	/** As `waitFor`, for `text`; rejects after `limit` milliseconds. */
	async see(text: string, limit = 10_000): Promise<number> {
		return within(
			limit,
			`sight of ${JSON.stringify(text)}`,
			this.waitFor((shown) => shown.includes(text)),
		);
	}

	/** Ends the session as the stock client's quit does, then closes the socket. */
	async close(): Promise<void> {
		if (this.#closed) {
			return;
		}
		const acknowledged = new Promise<void>((resolve) => {
			this.#onShutdown = resolve;
		});
		this.#sender.shutDown();
		this.#run();
		await within(SHUTDOWN_LIMIT, "answer to the shutdown", acknowledged).catch(() => undefined);
		this.vanish();
	}

	/** Is not there any more, without a word, as a client that was killed. */
	vanish(): void {
		this.#closed = true;
		clearTimeout(this.#timer);
		this.#socket.close();
	}

	#push(event: UserEvent): void {
		this.#sender.push(event);
		this.#run();
	}

	/** Sends what is due and sets the timer for what is not. */
	#run(): void {
		if (this.#closed) {
			return;
		}
		const now = performance.now();
		this.#sender.tick(now);
		clearTimeout(this.#timer);
		const wait = this.#sender.deadline(now) - performance.now();
		this.#timer = setTimeout(() => this.#run(), Math.max(0, wait));
	}

	#emit(outgoing: Outgoing): void {
		const ackNum = this.#held[this.#held.length - 1] ?? 0n;
		for (const fragment of encode({ ...outgoing, ackNum }, ++this.#instructionId)) {
			const stamps = this.#roundTrip.stamp(performance.now());
			const datagram = this.#seal.seal(Buffer.concat([stamps, fragment]));
			this.#link.toServer(() => {
				if (!this.#closed) {
					this.#socket.send(datagram, this.#port, "127.0.0.1");
				}
			});
		}
	}

	#receive(datagram: Buffer): void {
		if (this.#closed) {
			return;
		}
		const now = performance.now();
		this.traffic.datagramsReceived++;
		this.traffic.bytesReceived += datagram.length;
		const { sequence, plaintext } = this.#seal.open(datagram);
		if (sequence >= this.#expected) {
			this.#expected = sequence + 1n;
			this.#roundTrip.receive(plaintext, now);
		}
		const instruction = this.#assembler.add(plaintext.subarray(4));
		if (instruction) {
			this.#apply(instruction, now);
		}
		if (this.#sender.shutdownAcknowledged || this.#held.includes(SHUTDOWN)) {
			this.#onShutdown?.();
		}
		this.#run();
	}

	/** Protocol §3.4, without the limit on held states, which an honest server does not reach. */
	#apply(instruction: Instruction, now: number): void {
		this.#sender.acknowledge(instruction.ackNum);
		const { oldNum, newNum } = instruction;
		if (this.#held.includes(newNum) || !this.#held.includes(oldNum)) {
			return;
		}
		this.#held = this.#held.filter((num) => num >= instruction.throwawayNum);
		const newest = this.#held.every((num) => num < newNum);
		this.#held.push(newNum);
		this.#held.sort((a, b) => (a < b ? -1 : 1));
		if (!newest) {
			return;
		}
		this.#sender.heard(now, instruction.diff.length > 0);
		const text = printedText(hostString(instruction.diff).toString("utf8"));
		for (const waiter of this.#waiters) {
			if (!waiter.shows(text)) {
				continue;
			}
			this.#waiters.delete(waiter);
			waiter.resolve(now);
		}
	}
}
