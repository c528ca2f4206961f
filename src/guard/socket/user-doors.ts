/**
 * A door for each user of the host, in a folder that everybody can pass and nobody can list: the socket is the user's and has
 * mode 0600, so being able to connect says who it is. Node cannot ask the kernel for the credentials of the other end, and a
 * door for each also gives each a queue: a flood fills only its own.
 *
 * They are made before they are needed: for who has an account here, who is logged in (logind), who has a port.
 * For anybody else the first report of a session, made at the strangers' door, makes one.
 */

import { chmodSync, type FSWatcher, mkdirSync, readdirSync, rmSync, watch } from "node:fs";
import type { Door } from "./door.js";

/** Each takes a descriptor of the guard's 16,384. */
const MOST = 4096;

export interface UserDoorsParts {
	/** Where they are. */
	readonly folder: string;
	/** logind keeps one entry for each user who is logged in, by uid. */
	readonly logins: string;
	readonly door: (uid: number, path: string) => Door;
	/** One that cannot be made: its user is served at the strangers' door. */
	readonly failed: (cause: unknown) => void;
}

export class UserDoors {
	readonly #parts: UserDoorsParts;
	/** In the order they were last asked for. */
	readonly #doors = new Map<number, Door>();
	#watcher: FSWatcher | undefined;
	#stopped = false;

	constructor(parts: UserDoorsParts) {
		this.#parts = parts;
	}

	/** Those of an earlier guard are removed. */
	start(): void {
		const { folder, logins } = this.#parts;
		rmSync(folder, { recursive: true, force: true });
		mkdirSync(folder);
		// The umask may have taken away what everybody needs to pass.
		chmodSync(folder, 0o711);
		try {
			this.#watcher = watch(logins, (_event, name) => this.#loggedIn(name));
			this.#watcher.on("error", () => this.#watcher?.close());
			for (const name of readdirSync(logins)) this.#loggedIn(name);
		} catch {
			// A host without logind.
		}
	}

	stop(): void {
		this.#stopped = true;
		this.#watcher?.close();
		for (const door of this.#doors.values()) door.close();
		this.#doors.clear();
	}

	get count(): number {
		return this.#doors.size;
	}

	/** Resolves when the user has a door, or cannot have one. */
	async ensure(uid: number): Promise<void> {
		if (this.#stopped) return;
		const known = this.#doors.get(uid);
		if (known !== undefined) {
			this.#doors.delete(uid);
			this.#doors.set(uid, known);
			return;
		}
		const door = this.#parts.door(uid, `${this.#parts.folder}/${uid}`);
		this.#doors.set(uid, door);
		const [oldest] = this.#doors.keys();
		if (this.#doors.size > MOST && oldest !== undefined) this.#remove(oldest);
		try {
			await door.open();
		} catch (cause) {
			this.#remove(uid);
			this.#parts.failed(cause);
		}
	}

	/** One after another: each may take a command. */
	async ensureAll(uids: readonly number[]): Promise<void> {
		for (const uid of uids) if (!this.#doors.has(uid)) await this.ensure(uid);
	}

	#remove(uid: number): void {
		this.#doors.get(uid)?.close();
		this.#doors.delete(uid);
	}

	#loggedIn(name: string | Buffer | null): void {
		if (typeof name === "string" && /^\d{1,10}$/.test(name)) void this.ensure(Number(name));
	}
}
