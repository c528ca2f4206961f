/**
 * Announces logins to an on-demand guard: the login hook, which an ordinary user runs as root by sudo, touches a file in a folder
 * that belongs to root. The guard watches that file, enters alert mode, and confirms by touching a file in its own folder.
 */

import { closeSync, constants, type FSWatcher, futimesSync, openSync, watch } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** However many hooks run, announcements are handled no more often than this. */
const MIN_INTERVAL_MS = 25;
const { O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

export interface LoginNoticePaths {
	/** Touched when a login begins. */
	readonly nudge: string;
	/** Touched when the guard has noticed. */
	readonly noticed: string;
}

export class LoginNotices {
	readonly #paths: LoginNoticePaths;
	readonly #onLogin: () => void;
	readonly #onFailure: (cause: unknown) => void;
	#watcher: FSWatcher | undefined;
	#busy = false;
	#again = false;

	constructor(paths: LoginNoticePaths, onLogin: () => void, onFailure: (cause: unknown) => void) {
		this.#paths = paths;
		this.#onLogin = onLogin;
		this.#onFailure = onFailure;
	}

	/** Also confirms a login announced before: the one that the guard was started for. */
	start(): void {
		try {
			this.#watcher = watch(this.#paths.nudge, () => void this.#handle());
			this.#watcher.on("error", this.#onFailure);
		} catch (cause) {
			// Started by hand on a host without the hook.
			this.#onFailure(cause);
		}
		void this.#handle();
	}

	/** From here on, no announcement is confirmed. */
	stop(): void {
		this.#watcher?.close();
		this.#watcher = undefined;
		this.#busy = true;
	}

	async #handle(): Promise<void> {
		if (this.#busy) {
			this.#again = true;
			return;
		}
		this.#busy = true;
		do {
			this.#again = false;
			this.#onLogin();
			touch(this.#paths.noticed);
			await sleep(MIN_INTERVAL_MS, undefined, { ref: false });
		} while (this.#again && this.#watcher !== undefined);
		this.#busy = this.#watcher === undefined;
	}
}

function touch(path: string): void {
	const descriptor = openSync(path, O_WRONLY | O_CREAT | O_NOFOLLOW, 0o644);
	try {
		const now = Date.now() / 1000;
		futimesSync(descriptor, now, now);
	} finally {
		closeSync(descriptor);
	}
}
