/**
 * Readings of the socket table at a bounded rate: of the whole range one at a time, of single ports beside it, so that a login
 * that names its port does not wait for a list that somebody has made long.
 */

import { BoundedRunner } from "../../system/bounded-runner.js";
import type { Clock } from "../../system/clock.js";
import type { SocketTable } from "./sockets.js";
import type { GuardedRange, UdpSocket } from "./udp-socket.js";

/** A list costs 3 ms of CPU where there are few sockets: events that any user can cause take at most 6 % of a core. */
const LIST_RATE = { atOnce: 20, perSecond: 20 } as const;
/** A caller waits 20 ms at most, and shares the reading with all others who wait. */
const PORT_RATE = { atOnce: 50, perSecond: 50 } as const;
/** Ports per reading: the kernel evaluates a condition for each. */
const MAX_PORTS = 64;

export class SocketReader {
	readonly #table: SocketTable;
	readonly #range: () => GuardedRange;
	readonly #lists: BoundedRunner;
	readonly #portReadings: BoundedRunner;
	/** Ports that callers wait for. */
	#pendingPorts: number[] = [];
	/** For the next list a quick reading does not suffice. */
	#needsFullRead = true;
	#sockets: readonly UdpSocket[] = [];
	#failure: unknown;

	/** `range`: asked at each reading. */
	constructor(table: SocketTable, range: () => GuardedRange, clock: Clock) {
		this.#table = table;
		this.#range = range;
		this.#lists = new BoundedRunner(() => this.#readRange(), clock, LIST_RATE);
		this.#portReadings = new BoundedRunner(() => this.#readPorts(), clock, PORT_RATE);
	}

	/**
	 * As read last.
	 * @throws what kept the last reading from succeeding
	 */
	get sockets(): readonly UdpSocket[] {
		if (this.#failure !== undefined) {
			throw this.#failure;
		}
		return this.#sockets;
	}

	/** Resolves when a list that was begun after the call has been read, or has failed. */
	async full(): Promise<void> {
		this.#needsFullRead = true;
		await this.#lists.request();
	}

	/** The same, with a quick reading (see `SocketTable`) unless another caller needs a full one. */
	async quick(): Promise<void> {
		await this.#lists.request();
	}

	/** Resolves when the port has been read after the call, or reading has failed. Ports outside the range are not read. */
	async port(port: number): Promise<void> {
		const { first, last } = this.#range();
		if (port < first || port > last) {
			return;
		}
		this.#pendingPorts.push(port);
		// More ports may be pending than one reading takes.
		while (this.#pendingPorts.includes(port)) {
			await this.#portReadings.request();
		}
	}

	async #readRange(): Promise<void> {
		const quick = !this.#needsFullRead;
		this.#needsFullRead = false;
		try {
			this.#sockets = await this.#table.read(this.#range(), quick);
			this.#failure = undefined;
		} catch (error) {
			this.#fail(error);
		}
	}

	async #readPorts(): Promise<void> {
		const ports = new Set(this.#pendingPorts.slice(0, MAX_PORTS));
		this.#pendingPorts = this.#pendingPorts.filter((port) => !ports.has(port));
		try {
			this.#sockets = await this.#table.readPorts(ports);
		} catch (error) {
			this.#fail(error);
		}
	}

	#fail(error: unknown): void {
		this.#failure = error;
		this.#needsFullRead = true;
	}
}
