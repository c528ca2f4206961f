/** Makes the firewall hold exactly the wanted openings, and remembers what it holds, so that a login costs no listing. */

import { FirewallError } from "../firewall/errors.js";
import type { Explanation, Firewall, FirewallChange, Opening } from "../firewall/firewall.js";
import { distinct, openingKey, without } from "../firewall/opening.js";
import { FAMILIES, type Family } from "../system/addresses.js";

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
	/** What is open although some of it failed; undefined otherwise, and once it is invalidated. */
	#served: Map<string, Opening> | undefined;
	/** Keys of what `#actual` held before it was invalidated: whatever is missing then was removed by another program. */
	readonly #expected = new Set<string>();
	/** How often it was invalidated. */
	#invalidations = 0;

	/** By key: what must stay closed until rules change, and why. */
	readonly #withheld = new Map<string, Explanation>();
	/** What the firewall holds is what was wanted last. */
	#isAsWanted = false;

	constructor(firewall: Firewall) {
		this.#firewall = firewall;
	}

	/** Whether what the firewall holds is known: the last listing plus the changes since. */
	get inSync(): boolean {
		return this.#actual !== undefined;
	}

	/** As last read or changed, also while they are about to be read again; none where they could not be read. */
	get openings(): readonly Opening[] {
		return [...((this.#actual ?? this.#previous)?.values() ?? [])];
	}

	/** The same of one of them. */
	holds(opening: Opening): boolean {
		return (this.#actual ?? this.#previous)?.has(openingKey(opening)) ?? false;
	}

	isOpen(opening: Opening): boolean {
		return (this.#actual ?? this.#served)?.has(openingKey(opening)) ?? false;
	}

	/** The next `enforce` repairs what holds our openings and reads them back before it changes any. */
	invalidate(): void {
		this.#invalidations += 1;
		this.#isAsWanted = false;
		// Added to, not replaced: it may be called again while what was missing is being restored.
		for (const key of this.#actual?.keys() ?? []) {
			this.#expected.add(key);
		}
		this.#previous = this.#actual ?? this.#previous;
		this.#actual = undefined;
		this.#served = undefined;
		this.#withheld.clear();
	}

	/** Instead of `invalidate`, while others have changed nothing. False where only reading the rules back will do. */
	async renew(): Promise<boolean> {
		// What is withheld is tried again.
		if (this.#withheld.size > 0) {
			return false;
		}
		try {
			return (await this.#firewall.renew?.()) ?? false;
		} catch {
			// Reading them back shows why.
			return false;
		}
	}

	/** The next `enforce` closes it, and none opens it before the rules are read back. */
	withhold(opening: Opening, explanation: Explanation): void {
		this.#withheld.set(openingKey(opening), explanation);
		this.#isAsWanted = false;
	}

	get withheld(): ReadonlyMap<string, Explanation> {
		return this.#withheld;
	}

	/**
	 * Reads what is open and repairs nothing.
	 * @throws the firewall's error
	 */
	async list(): Promise<void> {
		await this.#readBy(() => this.#firewall.list());
	}

	/**
	 * Never rejects. Opens first, and closes whether or not that worked.
	 * @param last how it differs from what was wanted last, if that is known
	 */
	async enforce(
		wanted: readonly Opening[] | (() => readonly Opening[]),
		last?: FirewallChange,
	): Promise<Enforced> {
		let actual: Map<string, Opening>;
		let failure: unknown;
		try {
			actual = await this.#read();
		} catch (error) {
			if (!(error instanceof FirewallError) || error.served === undefined) {
				return this.#fail(NOTHING, error, undefined);
			}
			failure = error;
			actual = byKey(error.served);
		}
		const change = last !== undefined && this.#isAsWanted ? last : this.#changeTo(wanted, actual);
		this.#isAsWanted = false;
		let done = NOTHING;
		for (const part of [
			{ open: change.open, close: [] },
			{ open: [], close: change.close },
		]) {
			const result = await this.#apply(part, actual);
			failure ??= result.failure;
			done = {
				open: [...done.open, ...result.open],
				close: [...done.close, ...result.close],
				repaired: [...done.repaired, ...result.repaired],
			};
		}
		if (failure !== undefined) {
			return this.#fail(done, failure, actual);
		}
		this.#expected.clear();
		this.#isAsWanted = this.#actual !== undefined && this.#withheld.size === 0;
		if (this.#actual === undefined) {
			// Rules changed meanwhile: what is missing at the next reading was removed.
			this.#previous = actual;
			for (const key of actual.keys()) {
				this.#expected.add(key);
			}
		}
		return done;
	}

	#changeTo(
		wanted: readonly Opening[] | (() => readonly Opening[]),
		actual: ReadonlyMap<string, Opening>,
	): FirewallChange {
		const all = typeof wanted === "function" ? wanted() : wanted;
		const meant = all.filter((opening) => !this.#withheld.has(openingKey(opening)));
		return changeBetween(meant, [...actual.values()]);
	}

	#fail(done: Enforced, failure: unknown, known: Map<string, Opening> | undefined): Enforced {
		this.invalidate();
		this.#previous = known;
		this.#served = known;
		return { ...done, failure };
	}

	/** Where it fails, one address family by itself: one may be served where the other cannot. */
	async #apply(part: FirewallChange, actual: Map<string, Opening>): Promise<Enforced> {
		if (part.open.length + part.close.length === 0) {
			return NOTHING;
		}
		try {
			await this.#firewall.apply(part);
		} catch (failure) {
			const halves = FAMILIES.map((family) => ofFamily(part, family));
			if (halves.some(({ open, close }) => open.length + close.length === 0)) {
				return { ...NOTHING, failure };
			}
			const results = [];
			for (const half of halves) {
				results.push(await this.#apply(half, actual));
			}
			const left = results.find((result) => result.failure !== undefined);
			return {
				open: results.flatMap(({ open }) => open),
				close: results.flatMap(({ close }) => close),
				repaired: results.flatMap(({ repaired }) => repaired),
				...(left && { failure: left.failure }),
			};
		}
		const repaired = part.open.filter((opening) => this.#expected.has(openingKey(opening)));
		for (const opening of part.open) {
			actual.set(openingKey(opening), opening);
		}
		for (const opening of part.close) {
			actual.delete(openingKey(opening));
			this.#expected.delete(openingKey(opening));
		}
		return { ...part, repaired };
	}

	/** @throws the firewall's error */
	async clear(): Promise<void> {
		this.#isAsWanted = false;
		this.#actual = undefined;
		this.#previous = undefined;
		this.#served = undefined;
		this.#expected.clear();
		await this.#firewall.clear();
	}

	async #read(): Promise<Map<string, Opening>> {
		return this.#actual ?? this.#readBy(() => this.#firewall.repair());
	}

	/** What was read while rules changed may be of before the change: it is used once, and the next call reads again. */
	async #readBy(read: () => Promise<readonly Opening[]>): Promise<Map<string, Opening>> {
		this.#isAsWanted = false;
		const before = this.#invalidations;
		const found = byKey(await read());
		if (this.#invalidations === before) {
			this.#actual = found;
		}
		return found;
	}
}

function ofFamily({ open, close }: FirewallChange, family: Family): FirewallChange {
	const isOfIt = (opening: Opening) => opening.family === family;
	return { open: open.filter(isOfIt), close: close.filter(isOfIt) };
}

function byKey(openings: readonly Opening[]): Map<string, Opening> {
	return new Map(openings.map((opening) => [openingKey(opening), opening]));
}

/** `wanted` and `actual` may contain duplicates; the change does not. Applied to `actual`, it gives `wanted`. */
export function changeBetween(wanted: readonly Opening[], actual: readonly Opening[]): FirewallChange {
	return { open: distinct(without(wanted, actual)), close: distinct(without(actual, wanted)) };
}
