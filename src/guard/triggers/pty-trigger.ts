/** Tells when a pty comes or goes: every mosh-server opens one right after its port and loses it at its end, even by SIGKILL. */

import { existsSync, watch } from "node:fs";
import { join } from "node:path";
import type { OnEvent, Trigger } from "./trigger.js";

/**
 * Events accepted in a row. libuv delivers inotify events as long as there are any, and nothing else runs meanwhile: two
 * processes that open and close ptys forever kept the guard from everything else.
 */
const MAX_EVENTS_IN_A_ROW = 32;
/** Then the folder is not watched for this long, and one event stands for all that were missed. Also the length of a row. */
const PAUSE_MS = 20;

export class PtyTrigger implements Trigger {
	readonly name = "pty";
	readonly early = true;
	readonly #folder: string;
	readonly #areEndsTold: () => boolean;
	#watcher: ReturnType<typeof watch> | undefined;
	#timer: NodeJS.Timeout | undefined;
	#events = 0;

	/** @param areEndsTold whether another trigger tells of each socket that ends */
	constructor(folder = "/dev/pts", areEndsTold = () => false) {
		this.#folder = folder;
		this.#areEndsTold = areEndsTold;
	}

	start(onEvent: OnEvent, onFailure: (cause: unknown) => void): void {
		this.#events = 0;
		try {
			// "rename" is a file that came or went; "change" is output written to a terminal.
			const watcher = watch(this.#folder, (event, name) => {
				if (this.#watcher !== watcher) {
					return;
				}
				if (event === "rename") {
					const isGone = name !== null && !existsSync(join(this.#folder, name));
					onEvent(undefined, isGone && this.#areEndsTold());
				}
				this.#limit(onEvent, onFailure);
			});
			watcher.on("error", onFailure);
			this.#watcher = watcher;
		} catch (cause) {
			onFailure(cause);
		}
	}

	async stop(): Promise<void> {
		clearTimeout(this.#timer);
		this.#timer = undefined;
		this.#watcher?.close();
		this.#watcher = undefined;
	}

	#limit(onEvent: OnEvent, onFailure: (cause: unknown) => void): void {
		this.#timer ??= setTimeout(() => {
			this.#timer = undefined;
			this.#events = 0;
			if (this.#watcher !== undefined) {
				return;
			}
			this.start(onEvent, onFailure);
			onEvent();
		}, PAUSE_MS);
		if (++this.#events < MAX_EVENTS_IN_A_ROW) {
			return;
		}
		this.#watcher?.close();
		this.#watcher = undefined;
	}
}
