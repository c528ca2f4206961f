/** Makes the firewall hold exactly the wanted openings, and remembers what it holds, so that a login costs no listing. */

import type { Firewall, FirewallChange, Opening } from "../firewall/firewall.js";
import { distinct, openingKey, without } from "../firewall/opening.js";

export interface Enforced extends FirewallChange {
	/** Those of `open` that had been open before and were removed by another program. */
	readonly repaired: readonly Opening[];
	/** Why the rest was not done; the next call then reads the firewall again. */
	readonly failure?: unknown;
}

const NOTHING: Enforced = { open: [], close: [], repaired: [] };

export class Enforcer {
	readonly #firewall: Firewall;
	/** What the firewall held when it was last read or changed; undefined when that is not known. */
	#actual: Map<string, Opening> | undefined;
	/** What it was before it was invalidated. */
	#previous: Map<string, Opening> | undefined;
	/** Keys of what `#actual` held before it was invalidated: whatever is missing then was removed by another program. */
	readonly #expected = new Set<string>();

	constructor(firewall: Firewall) {
		this.#firewall = firewall;
	}

	/** Whether what the firewall holds is known: the last listing plus the changes since. */
	get inSync(): boolean {
		return this.#actual !== undefined;
	}

	/** As last read or changed, also while they are about to be read again; none after a failure. */
	get openings(): readonly Opening[] {
		return [...((this.#actual ?? this.#previous)?.values() ?? [])];
	}

	isOpen(opening: Opening): boolean {
		return this.#actual?.has(openingKey(opening)) ?? false;
	}

	/** The next `enforce` repairs what holds our openings and reads them back before it changes any. */
	invalidate(): void {
		// Added to, not replaced: it may be called again while what was missing is being restored.
		for (const key of this.#actual?.keys() ?? []) {
			this.#expected.add(key);
		}
		this.#previous = this.#actual ?? this.#previous;
		this.#actual = undefined;
	}

	/**
	 * Reads what is open and repairs nothing.
	 * @throws the firewall's error
	 */
	async list(): Promise<void> {
		this.#actual = byKey(await this.#firewall.list());
	}

	/** Never rejects. Opens first; if closing then fails, what was opened stays open. */
	async enforce(wanted: readonly Opening[]): Promise<Enforced> {
		let done = NOTHING;
		try {
			const actual = await this.#read();
			const change = changeBetween(wanted, [...actual.values()]);
			for (const part of [
				{ open: change.open, close: [] },
				{ open: [], close: change.close },
			]) {
				if (part.open.length + part.close.length === 0) {
					continue;
				}
				await this.#firewall.apply(part);
				for (const opening of part.open) {
					actual.set(openingKey(opening), opening);
				}
				for (const opening of part.close) {
					actual.delete(openingKey(opening));
					this.#expected.delete(openingKey(opening));
				}
				done = {
					open: [...done.open, ...part.open],
					close: [...done.close, ...part.close],
					repaired: [
						...done.repaired,
						...part.open.filter((opening) => this.#expected.has(openingKey(opening))),
					],
				};
			}
			this.#expected.clear();
			return done;
		} catch (failure) {
			this.invalidate();
			this.#previous = undefined;
			return { ...done, failure };
		}
	}

	/** @throws the firewall's error */
	async clear(): Promise<void> {
		this.#actual = undefined;
		this.#previous = undefined;
		this.#expected.clear();
		await this.#firewall.clear();
	}

	async #read(): Promise<Map<string, Opening>> {
		if (this.#actual !== undefined) {
			return this.#actual;
		}
		this.#actual = byKey(await this.#firewall.repair());
		return this.#actual;
	}
}

function byKey(openings: readonly Opening[]): Map<string, Opening> {
	return new Map(openings.map((opening) => [openingKey(opening), opening]));
}

/** `wanted` and `actual` may contain duplicates; the change does not. Applied to `actual`, it gives `wanted`. */
export function changeBetween(wanted: readonly Opening[], actual: readonly Opening[]): FirewallChange {
	return { open: distinct(without(wanted, actual)), close: distinct(without(actual, wanted)) };
}
