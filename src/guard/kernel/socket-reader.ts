/**
 * Readings of the socket table: of the whole range one at a time, of single ports beside it, so that a login that names its
 * port does not wait for a list that somebody has made long. No oftener than the guard can afford.
 */

import { BoundedRunner } from "../../system/bounded-runner.js";
import type { Clock } from "../../system/clock.js";
import type { SocketTable } from "./sockets.js";
import type { PortRange, UdpSocket } from "./udp-socket.js";

/** A list costs 3 ms of CPU beside few sockets: events that users can make for nothing take no more than 6 % of a core. */
const LISTS = { atOnce: 20, perSecond: 20 } as const;
/** Who waits for one waits 20 ms at most, and shares it with all others who do. */
const PORT_READINGS = { atOnce: 50, perSecond: 50 } as const;
/** In one reading: the kernel takes a condition for each. */
const PORTS_AT_ONCE = 64;

export class SocketReader {
	readonly #table: SocketTable;
	readonly #range: () => PortRange;
	readonly #lists: BoundedRunner;
	readonly #portReadings: BoundedRunner;
	#wanted: number[] = [];
	/** Somebody wants more than a glance. */
	#attentive = true;
	#sockets: readonly UdpSocket[] = [];
	#failure: unknown;

	constructor(table: SocketTable, range: () => PortRange, clock: Clock) {
		this.#table = table;
		this.#range = range;
		this.#lists = new BoundedRunner(() => this.#readAll(), clock, LISTS);
		this.#portReadings = new BoundedRunner(() => this.#readSome(), clock, PORT_READINGS);
	}

	/** As read last. Throws what kept the last list from being read. */
	get sockets(): readonly UdpSocket[] {
		if (this.#failure !== undefined) throw this.#failure;
		return this.#sockets;
	}

	/** Resolves when a list that was begun after the call has been read, or could not be. */
	async list(): Promise<void> {
		this.#attentive = true;
		await this.#lists.request();
	}

	/** The same, where a glance will do (see `SocketTable`) unless somebody else wants more. */
	async glance(): Promise<void> {
		await this.#lists.request();
	}

	/** Resolves when the port has been read after the call, or could not be. One outside the range is not read. */
	async port(port: number): Promise<void> {
		const { first, last } = this.#range();
		if (port < first || port > last) return;
		this.#wanted.push(port);
		// More wait than one reading takes.
		while (this.#wanted.includes(port)) await this.#portReadings.request();
	}

	async #readAll(): Promise<void> {
		const glance = !this.#attentive;
		this.#attentive = false;
		try {
			this.#sockets = await this.#table.read(this.#range(), glance);
			this.#failure = undefined;
		} catch (error) {
			this.#failure = error;
			this.#attentive = true;
		}
	}

	async #readSome(): Promise<void> {
		const ports = new Set(this.#wanted.slice(0, PORTS_AT_ONCE));
		this.#wanted = this.#wanted.filter((port) => !ports.has(port));
		try {
			this.#sockets = await this.#table.readPorts(ports);
		} catch (error) {
			this.#failure = error;
			this.#attentive = true;
		}
	}
}
