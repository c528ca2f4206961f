/**
 * A listening unix socket with a limited rate of connections. Beyond that it is removed for a moment: the kernel then refuses
 * connections, and a flood costs the guard nothing.
 */

import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Rate } from "../../system/bounded-runner.js";
import type { Clock } from "../../system/clock.js";
import { RateLimiter } from "../../system/rate-limiter.js";

/** Long enough to stop a flood, short enough for an honest server, which retries within 5 s. */
const CLOSED_MS = 1000;
/** Clients that find the queue full retry; a longer one would only make floods more expensive. */
const BACKLOG = 256;

export interface ListeningSocketOptions {
	readonly path: string;
	/** Permission bits. */
	readonly mode: number;
	/** Grants access beyond `mode`. */
	readonly admit?: (path: string) => Promise<void>;
	/** Of connections; unlimited if absent. */
	readonly rate?: Rate;
	readonly clock: Clock;
	readonly accept: (socket: Socket) => void;
	readonly failed: (cause: unknown) => void;
}

export class ListeningSocket {
	readonly #options: ListeningSocketOptions;
	readonly #limiter: RateLimiter | undefined;
	#server: Server | undefined;
	#reopening: NodeJS.Timeout | undefined;

	constructor(options: ListeningSocketOptions) {
		const { rate, clock } = options;
		this.#options = options;
		this.#limiter = rate && new RateLimiter(rate.atOnce, rate.perSecond, clock);
	}

	/**
	 * Only under the guard's lock: an existing socket file belongs to a guard that has ended.
	 * @throws when it cannot listen
	 */
	async open(): Promise<void> {
		const { path, mode, admit, failed } = this.#options;
		rmSync(path, { force: true });
		const server = createServer((socket) => this.#accept(server, socket));
		this.#server = server;
		const listening = new Promise<void>((resolve, reject) => {
			server.once("error", reject);
			server.once("listening", resolve);
		});
		// Created without access for others, which is granted below; `listen` binds synchronously, within this umask.
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

	/** Existing connections stay. */
	close(): void {
		clearTimeout(this.#reopening);
		// Node also removes the file.
		this.#server?.close();
		this.#server = undefined;
	}

	#accept(server: Server, socket: Socket): void {
		// Accepted by a server that has been closed since.
		if (server !== this.#server) {
			socket.destroy();
			return;
		}
		if (this.#limiter === undefined || this.#limiter.take() === 0) {
			this.#options.accept(socket);
			return;
		}
		socket.destroy();
		this.close();
		this.#reopening = setTimeout(() => void this.open().catch(this.#options.failed), CLOSED_MS);
	}
}
