/** Remembers the last results of a pure function, because walking 20,000 rules takes a second and they seldom change. */

/** As many as there are tables in use at a time: two families, two kinds of iptables, and what the search looked at before. */
const KEPT = 8;

export class Remembered<T> {
	readonly #results = new Map<string, T>();

	/** @param key all that `compute` depends on */
	get(key: string, compute: () => T): T {
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
