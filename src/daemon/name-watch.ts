/** Asks again for the names of the configuration that the host does not know yet, and says when something has become known. */

import { type AccountName, type AccountNames, isSameAnswer } from "../guard/account-names.js";

/** After a failing name service recovers, its answers count this much later at most, and the time of one question. */
export const ASK_AGAIN_MS = 20_000;
/** Of one round of questions. */
export const ROUND_MS = 12_000;

export interface NameWatchParts {
	readonly names: Pick<AccountNames, "ask" | "answerOf">;
	/** The configuration's, as it is now. */
	readonly wanted: () => readonly AccountName[];
	/** Awaited: the next round begins after it. */
	readonly changed: () => Promise<void>;
	readonly askAgainMs?: number;
}

export class NameWatch {
	readonly #parts: NameWatchParts;
	#timer: NodeJS.Timeout | undefined;
	#running = false;

	constructor(parts: NameWatchParts) {
		this.#parts = parts;
	}

	/** Undone by `stop`. */
	start(): void {
		this.#running = true;
		this.#wait();
	}

	stop(): void {
		this.#running = false;
		clearTimeout(this.#timer);
	}

	#wait(): void {
		if (!this.#running) {
			return;
		}
		this.#timer = setTimeout(() => {
			void this.#round().finally(() => this.#wait());
		}, this.#parts.askAgainMs ?? ASK_AGAIN_MS);
		// It keeps nobody from ending.
		this.#timer.unref();
	}

	async #round(): Promise<void> {
		const { names, wanted, changed } = this.#parts;
		const open = wanted().filter((name) => names.answerOf(name).state !== "known");
		if (open.length === 0) {
			return;
		}
		const before = open.map((name) => names.answerOf(name));
		await names.ask(open, ROUND_MS);
		const told = open.some((name, i) => {
			const last = before[i];
			return last !== undefined && !isSameAnswer(last, names.answerOf(name));
		});
		if (this.#running && told) {
			await changed();
		}
	}
}
