/**
 * Commands started ahead, each of which waits for its input: a login does not wait for a program to be loaded, which
 * takes longer (2–3 ms) than what it does (1–2 ms).
 */

import type { Child } from "./child-process.js";

/** By then whoever waited for the one before has been answered. */
const START_AFTER_MS = 50;

export class PrestartedCommands {
	readonly #waiting = new Map<string, Child>();
	readonly #planned = new Set<string>();

	/** The one that waits under this name, if it still lives; it waits no more. */
	take(name: string): Child | undefined {
		const child = this.#waiting.get(name);
		this.#waiting.delete(name);
		return child?.alive ? child : undefined;
	}

	/** Another of that name is started shortly. It may wait for ever: it keeps nobody from ending, and ends with us. */
	plan(name: string, start: () => Child): void {
		if (this.#planned.has(name)) return;
		this.#planned.add(name);
		setTimeout(() => {
			this.#planned.delete(name);
			if (this.#waiting.get(name)?.alive) return;
			const child = start();
			child.wait();
			this.#waiting.set(name, child);
		}, START_AFTER_MS).unref();
	}
}
