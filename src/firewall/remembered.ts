/** Remembers the last results of a pure function, because walking 20,000 rules takes a second and they seldom change. */

import { createHash } from "node:crypto";

/** As many as there are tables in use at a time: two families, two kinds of iptables, and what the search looked at before. */
const KEPT = 8;

export class Remembered<T> {
	/** By digests: the rules of a thousand ports are a key of 300 kB. */
	readonly #results = new Map<string, T>();

	/** @param text all that `compute` depends on */
	get(text: string, compute: () => T): T {
		const key = createHash("sha256").update(text).digest("base64");
		const known = this.#results.get(key);
		if (known !== undefined) {
			return known;
		}
		const result = compute();
		this.#results.set(key, result);
		for (const oldest of this.#results.keys()) {
			if (this.#results.size <= KEPT) {
				break;
			}
			this.#results.delete(oldest);
		}
		return result;
	}
}
