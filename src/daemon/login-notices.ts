/**
 * How a guard on demand hears of logins: the login hook, which runs as root beneath an ordinary user's sudo, touches a file
 * in a folder of root's own. The guard watches that file, looks closely, and answers with the time of a file in its folder.
 */

import { closeSync, constants, type FSWatcher, futimesSync, openSync, watch } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Whatever a flood of hooks does, so often is it heard. */
const MOST_OFTEN_MS = 25;
const { O_CREAT, O_NOFOLLOW, O_WRONLY } = constants;

export interface LoginNoticePaths {
	/** Touched when a login begins. */
	readonly nudge: string;
	/** Touched when that was seen. */
	readonly armed: string;
}

export class LoginNotices {
	readonly #paths: LoginNoticePaths;
	readonly #nudged: () => void;
	readonly #failed: (cause: unknown) => void;
	#watcher: FSWatcher | undefined;
	#busy = false;
	#again = false;

	constructor(paths: LoginNoticePaths, nudged: () => void, failed: (cause: unknown) => void) {
		this.#paths = paths;
		this.#nudged = nudged;
		this.#failed = failed;
	}

	/** Also the answer to what was touched before: that is why the guard was started. */
	start(): void {
		try {
			this.#watcher = watch(this.#paths.nudge, () => void this.#hear());
			this.#watcher.on("error", this.#failed);
		} catch (cause) {
			// Started by hand on a host that has no hook.
			this.#failed(cause);
		}
		void this.#hear();
	}

	/** From here on nobody is told that he was heard. */
	stop(): void {
		this.#watcher?.close();
		this.#watcher = undefined;
		this.#busy = true;
	}

	async #hear(): Promise<void> {
		if (this.#busy) {
			this.#again = true;
			return;
		}
		this.#busy = true;
		do {
			this.#again = false;
			this.#nudged();
			touch(this.#paths.armed);
			await sleep(MOST_OFTEN_MS, undefined, { ref: false });
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
