/**
 * One listening unix socket. Whoever comes through it oftener than it bears finds it gone for a moment: refused by the kernel,
 * a flood costs the guard nothing.
 */

import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Pace } from "../../system/bounded-runner.js";
import type { Clock } from "../../system/clock.js";
import { RateLimiter } from "../../system/rate-limiter.js";

/** Long enough that a flood is spent on refusals, short enough for the next report of an honest server (5 s). */
const SHUT_MS = 1000;
/** Who finds the queue full tries again; a longer one only makes a flood dearer. */
const BACKLOG = 256;

export interface DoorOptions {
	readonly path: string;
	/** Permission bits. */
	readonly mode: number;
	/** Lets in whom `mode` does not. */
	readonly admit?: (path: string) => Promise<void>;
	/** Connections; root's door bears any number. */
	readonly pace?: Pace;
	readonly clock: Clock;
	readonly accept: (socket: Socket) => void;
	readonly failed: (cause: unknown) => void;
}

export class Door {
	readonly #options: DoorOptions;
	readonly #allowance: RateLimiter | undefined;
	#server: Server | undefined;
	#reopening: NodeJS.Timeout | undefined;

	constructor(options: DoorOptions) {
		const { pace, clock } = options;
		this.#options = options;
		this.#allowance = pace && new RateLimiter(pace.atOnce, pace.perSecond, clock);
	}

	/** Only under the guard's lock: a socket file that is there belongs to a guard that has ended. Rejects when it cannot be. */
	async open(): Promise<void> {
		const { path, mode, admit, failed } = this.#options;
		rmSync(path, { force: true });
		const server = createServer((socket) => this.#accept(server, socket));
		this.#server = server;
		const listening = new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.once("listening", resolve);
		});
		// Created shut for all, then opened as far as meant: there is no moment when it is wider. `listen` binds at once.
		const umask = process.umask(0o177);
		server.listen({ path, backlog: BACKLOG });
		process.umask(umask);
		await listening;
		server.on("error", failed);
		try {
			chmodSync(path, mode);
			await admit?.(path);
		} catch (error) {
			this.close();
			throw error;
		}
	}

	/** Connections that stand are not ended. */
	close(): void {
		clearTimeout(this.#reopening);
		// Node removes the file too.
		this.#server?.close();
		this.#server = undefined;
	}

	#accept(server: Server, socket: Socket): void {
		// Of a door that has just been shut.
		if (server !== this.#server) {
			socket.destroy();
			return;
		}
		if (this.#allowance === undefined || this.#allowance.take() === 0) {
			this.#options.accept(socket);
			return;
		}
		socket.destroy();
		this.close();
		this.#reopening = setTimeout(() => void this.open().catch(this.#options.failed), SHUT_MS);
	}
}
