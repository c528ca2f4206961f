/** Makes the firewall agree, and remembers what it holds so that a login costs no listing. */

import type { Firewall, FirewallChange, Opening } from "../firewall/firewall.js";
import { openingKey } from "../firewall/opening.js";
import { reconcile } from "./reconcile.js";

export interface Enforced extends FirewallChange {
	/** Those of `open` that had been open before and were lost by another hand. */
	readonly repaired: readonly Opening[];
	/** What could not be done; the enforcer then reads the firewall again at the next step. */
	readonly failure?: unknown;
}

const NOTHING: Enforced = { open: [], close: [], repaired: [] };

export class Enforcer {
	readonly #firewall: Firewall;
	/** As the firewall held it when it was last read or changed; undefined when that is not known. */
	#actual: Map<string, Opening> | undefined;
	/** What `#actual` held before it was doubted: the difference is what another hand did. */
	readonly #believed = new Set<string>();

	constructor(firewall: Firewall) {
		this.#firewall = firewall;
	}

	/** Whether the last listing plus what was done since is known to hold. */
	get sure(): boolean {
		return this.#actual !== undefined;
	}

	get openings(): readonly Opening[] {
		return [...(this.#actual?.values() ?? [])];
	}

	isOpen(opening: Opening): boolean {
		return this.#actual?.has(openingKey(opening)) ?? false;
	}

	/** The next step reads the firewall and repairs what stands around our openings before it changes any. */
	doubt(): void {
		// Added to, not replaced: a second doubt may come while what the first one lost is being put back.
		for (const key of this.#actual?.keys() ?? []) this.#believed.add(key);
		this.#actual = undefined;
	}

	/** Reads what is open and repairs nothing: for those who only look. Throws what the firewall throws. */
	async look(): Promise<void> {
		this.#actual = byKey(await this.#firewall.list());
	}

	/** Never rejects. Opens first; a close that fails leaves what was opened open. */
	async enforce(wanted: readonly Opening[]): Promise<Enforced> {
		let done = NOTHING;
		try {
			const actual = await this.#read();
			const change = reconcile(wanted, [...actual.values()]);
			for (const part of [
				{ open: change.open, close: [] },
				{ open: [], close: change.close },
			]) {
				if (part.open.length + part.close.length === 0) continue;
				await this.#firewall.apply(part);
				for (const opening of part.open) actual.set(openingKey(opening), opening);
				for (const opening of part.close) {
					actual.delete(openingKey(opening));
					this.#believed.delete(openingKey(opening));
				}
				done = {
					open: [...done.open, ...part.open],
					close: [...done.close, ...part.close],
					repaired: [
						...done.repaired,
						...part.open.filter((opening) => this.#believed.has(openingKey(opening))),
					],
				};
			}
			this.#believed.clear();
			return done;
		} catch (failure) {
			this.doubt();
			return { ...done, failure };
		}
	}

	async clear(): Promise<void> {
		this.#actual = undefined;
		this.#believed.clear();
		await this.#firewall.clear();
	}

	async #read(): Promise<Map<string, Opening>> {
		if (this.#actual !== undefined) return this.#actual;
		this.#actual = byKey(await this.#firewall.repair());
		return this.#actual;
	}
}

function byKey(openings: readonly Opening[]): Map<string, Opening> {
	return new Map(openings.map((opening) => [openingKey(opening), opening]));
}
