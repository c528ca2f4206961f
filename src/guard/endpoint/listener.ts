/** The guard's two unix sockets: one for everybody, one for root. Bounded in connections, whoever makes them. */

import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Clock } from "../../clock.js";
import type { GuardLog } from "../events.js";
import type { Guard } from "../guard.js";
import { Connection } from "./connection.js";

/**
 * Connections that hold no lease. Credentials of the other end are out of Node's reach, so none can be counted to a user;
 * instead strangers share few places, a newcomer takes the one held longest, and a session's own report, answered within
 * milliseconds, moves its connection out of the crowd. Leases are bounded by the sockets they name, which are counted to
 * users by the kernel.
 */
const MAX_STRANGERS = 128;
/** An honest connection without a lease asks and leaves; one that stays silent this long is shown out. */
const STRANGER_MS = 10_000;
const BACKLOG = 1024;

export interface ListenerPaths {
	readonly public: string;
	readonly admin: string;
}

export class Listener {
	readonly #guard: Guard;
	readonly #paths: ListenerPaths;
	readonly #clock: Clock;
	readonly #log: GuardLog;
	readonly #yielded: (() => void) | undefined;
	readonly #servers: Server[] = [];
	readonly #strangers = new Map<Connection, NodeJS.Timeout>();
	readonly #sockets = new Set<Socket>();

	/** `yielded`: of a watcher, called when a guard that stays takes over. */
	constructor(guard: Guard, paths: ListenerPaths, clock: Clock, log: GuardLog, yielded?: () => void) {
		this.#guard = guard;
		this.#paths = paths;
		this.#clock = clock;
		this.#log = log;
		this.#yielded = yielded;
	}

	/** Only under the guard's lock: a socket file that is there belongs to a guard that has ended. */
	async start(): Promise<void> {
		await this.#listen(this.#paths.admin, 0o600, true);
		await this.#listen(this.#paths.public, 0o666, false);
	}

	get connections(): number {
		return this.#sockets.size;
	}

	async stop(): Promise<void> {
		const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
		for (const socket of this.#sockets) socket.destroy();
		await Promise.all(closed);
		this.#servers.length = 0;
	}

	async #listen(path: string, mode: number, admin: boolean): Promise<void> {
		rmSync(path, { force: true });
		const server = createServer((socket) => this.#accept(socket, admin));
		const listening = new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.once("listening", resolve);
		});
		// Created shut for all, then opened as far as meant: there is no moment when it is wider. `listen` binds at once.
		const umask = process.umask(0o177);
		server.listen({ path, backlog: BACKLOG });
		process.umask(umask);
		await listening;
		chmodSync(path, mode);
		server.on("error", (error) => this.#log("listener.failed", { cause: error.message }));
		this.#servers.push(server);
	}

	#accept(socket: Socket, admin: boolean): void {
		this.#sockets.add(socket);
		const connection = new Connection(socket, this.#guard, admin, this.#clock, {
			leased: () => this.#acquainted(connection),
			dropped: (reason) => this.#log("connection.dropped", { reason }),
			yielded: this.#yielded,
		});
		socket.on("close", () => {
			this.#sockets.delete(socket);
			this.#acquainted(connection);
		});
		connection.start();
		if (admin) return;
		const [longest] = this.#strangers.keys();
		if (this.#strangers.size >= MAX_STRANGERS) longest?.drop("too many connections without a lease");
		const timer = setTimeout(() => connection.drop("no lease in time"), STRANGER_MS);
		this.#strangers.set(connection, timer);
	}

	#acquainted(connection: Connection): void {
		clearTimeout(this.#strangers.get(connection));
		this.#strangers.delete(connection);
	}
}
