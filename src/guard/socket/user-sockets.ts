/**
 * A socket for each user of the host. It is owned by the user and has mode 0600, so being able to connect identifies the user:
 * Node cannot ask the kernel for the peer's credentials. It also gives each user a separate queue, so a flood fills only its own.
 * The folder can be traversed by everybody and listed by nobody else.
 *
 * Sockets are created in advance: for users with an account, those logged in (logind) and those with a session. For any other
 * user, the first report of a session, made on the public socket, creates one.
 */

import { chmodSync, type FSWatcher, mkdirSync, readdirSync, rmSync, watch } from "node:fs";
import type { ListeningSocket } from "./listening-socket.js";

/** Each takes one of the guard's 16,384 descriptors. */
const MAX_SOCKETS = 4096;

export interface UserSocketsDependencies {
	/** Of the sockets. */
	readonly folder: string;
	/** Folder in which logind keeps an entry, named by uid, for each user who is logged in. */
	readonly logins: string;
	readonly create: (uid: number, path: string) => ListeningSocket;
	/** A socket cannot be created: its user is served on the public socket. */
	readonly failed: (cause: unknown) => void;
}

export class UserSockets {
	readonly #dependencies: UserSocketsDependencies;
	/** In the order in which they were last needed. */
	readonly #sockets = new Map<number, ListeningSocket>();
	#watcher: FSWatcher | undefined;
	#stopped = false;

	constructor(dependencies: UserSocketsDependencies) {
		this.#dependencies = dependencies;
	}

	/** Removes the sockets of an earlier guard. */
	start(): void {
		const { folder, logins } = this.#dependencies;
		rmSync(folder, { recursive: true, force: true });
		mkdirSync(folder);
		// Whatever the umask is.
		chmodSync(folder, 0o711);
		try {
			this.#watcher = watch(logins, (_event, name) => this.#onLogin(name));
			this.#watcher.on("error", () => this.#watcher?.close());
			for (const name of readdirSync(logins)) {
				this.#onLogin(name);
			}
		} catch {
			// This host has no logind.
		}
	}

	stop(): void {
		this.#stopped = true;
		this.#watcher?.close();
		for (const socket of this.#sockets.values()) {
			socket.close();
		}
		this.#sockets.clear();
	}

	get count(): number {
		return this.#sockets.size;
	}

	/** Resolves when the user has a socket, or cannot have one. */
	async ensure(uid: number): Promise<void> {
		if (this.#stopped) {
			return;
		}
		const known = this.#sockets.get(uid);
		if (known !== undefined) {
			this.#sockets.delete(uid);
			this.#sockets.set(uid, known);
			return;
		}
		const socket = this.#dependencies.create(uid, `${this.#dependencies.folder}/${uid}`);
		this.#sockets.set(uid, socket);
		const [oldest] = this.#sockets.keys();
		if (this.#sockets.size > MAX_SOCKETS && oldest !== undefined) {
			this.#remove(oldest);
		}
		try {
			await socket.open();
		} catch (cause) {
			this.#remove(uid);
			this.#dependencies.failed(cause);
		}
	}

	/** One after another: each may need a command. */
	async ensureAll(uids: readonly number[]): Promise<void> {
		for (const uid of uids) {
			if (!this.#sockets.has(uid)) {
				await this.ensure(uid);
			}
		}
	}

	#remove(uid: number): void {
		this.#sockets.get(uid)?.close();
		this.#sockets.delete(uid);
	}

	#onLogin(name: string | Buffer | null): void {
		if (typeof name === "string" && /^\d{1,10}$/.test(name)) {
			void this.ensure(Number(name));
		}
	}
}
