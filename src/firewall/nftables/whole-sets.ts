/**
 * Openings in our own sets on a host that has sets of ranges. To add or delete an element, whichever set it is of, nft 1.0.6
 * fetches the elements of all those sets: with 300,000 addresses 6 s of processor time for each login. A set that is declared
 * together with its elements is changed without a look at any other, and so is one that is emptied. Pure.
 */

import type { Opening } from "../firewall.js";
import { openingKey, TAG } from "../opening.js";
import type { InsertionPoint } from "./insertion-point.js";
import { type OwnSet, ownElement, ownSetsFor } from "./owned-objects.js";
import type { NftElement, NftTable } from "./ruleset.js";
import { addSetLine, lookUpLines, type SetElement, tableOf } from "./script.js";
import { isDue, OwnStore, readOwn, type Store } from "./store.js";

export class WholeSetStore implements Store {
	/** What stays is put back. */
	readonly needsTable = true;

	readonly #point: InsertionPoint;
	readonly #lifetimeS: number | undefined;
	readonly #single: OwnStore;

	constructor(point: InsertionPoint, lifetimeS: number | undefined) {
		this.#point = point;
		this.#lifetimeS = lifetimeS;
		this.#single = new OwnStore(point, lifetimeS);
	}

	read(table: NftTable): Opening[] {
		return this.#single.read(table);
	}

	counted(table: NftTable): Map<string, number> {
		return this.#single.counted(table);
	}

	/** Our chain is filled anew, which fails where another program has removed it: a set is made where there is none. */
	open(openings: readonly Opening[]): string[] {
		const added = openings.map((opening) => ownElement(opening, this.#point.families));
		const sets = this.#sets.flatMap((own) => {
			const elements = added.filter(({ set }) => set === own.name).map(({ key }) => this.#element({ key }));
			return elements.length === 0 ? [] : [this.#addLine(own, elements)];
		});
		return sets.length === 0 ? [] : [...sets, ...lookUpLines(this.#point)];
	}

	close(openings: readonly Opening[], table: NftTable): string[] {
		const closing = new Set(openings.map(openingKey));
		return this.#sets.flatMap((own) => {
			const elements = table.sets.get(own.name)?.elements ?? [];
			const left = elements.filter((element) => {
				const opening = readOwn(element, this.#point.families);
				return opening === undefined || !closing.has(openingKey(opening));
			});
			return left.length === elements.length ? [] : this.#replaceLines(own, left);
		});
	}

	renew(table: NftTable): string[] {
		const all = this.#sets.map((own) => [own, table.sets.get(own.name)?.elements ?? []] as const);
		return all.some(([, elements]) => elements.some((element) => isDue(element, this.#lifetimeS)))
			? all.flatMap(([own, elements]) => this.#replaceLines(own, elements))
			: [];
	}

	get #sets(): readonly OwnSet[] {
		return ownSetsFor(this.#point.families);
	}

	#replaceLines(own: OwnSet, elements: readonly NftElement[]): string[] {
		const flush = `flush set ${tableOf(this.#point)} ${own.name}`;
		return elements.length === 0
			? [flush]
			: [
					flush,
					this.#addLine(
						own,
						elements.map((element) => this.#element(element)),
					),
				];
	}

	#addLine(own: OwnSet, elements: readonly SetElement[]): string {
		const counts = this.#point.table.sets.get(own.name)?.counts === true;
		return addSetLine(tableOf(this.#point), own, counts, elements);
	}

	#element({ key, packets }: Pick<NftElement, "key" | "packets">): SetElement {
		return { key, comment: TAG, timeoutS: this.#lifetimeS, packets };
	}
}
