/**
 * Starts commands ahead, so that they are loaded and wait for their input when they are needed: loading one takes longer (2–3 ms)
 * than its work (1–2 ms), and a login waits for both.
 */

import type { CommandProcess } from "./command-process.js";

/** By then the login that used the previous one has been answered. */
const START_AFTER_MS = 50;

/** What it needs of a command. */
export type Prestartable = Pick<CommandProcess, "alive" | "unref">;

export class PrestartedCommands<P extends Prestartable = CommandProcess> {
	readonly #waiting = new Map<string, P>();
	readonly #scheduled = new Set<string>();

	/** Removes and returns the command that waits under this name, if it is still alive. */
	take(name: string): P | undefined {
		const child = this.#waiting.get(name);
		this.#waiting.delete(name);
		return child?.alive ? child : undefined;
	}

	/** Starts another one of that name shortly. It may wait forever; it ends with this process and does not keep it alive. */
	schedule(name: string, start: () => P): void {
		if (this.#scheduled.has(name)) {
			return;
		}
		this.#scheduled.add(name);
		setTimeout(() => {
			this.#scheduled.delete(name);
			if (this.#waiting.get(name)?.alive) {
				return;
			}
			const child = start();
			child.unref();
			this.#waiting.set(name, child);
		}, START_AFTER_MS).unref();
	}
}
