/** A host that drops nothing by default, so that no rule is needed. Remembers what was opened for `status`. */

import type { Firewall, FirewallChange, Opening, Watch } from "../firewall.js";
import { checkOpening, openingKey } from "../opening.js";

export class NoFirewall implements Firewall {
	readonly name = "none";
	readonly #openings = new Map<string, Opening>();

	repair(): Promise<Opening[]> {
		return this.list();
	}

	async list(): Promise<Opening[]> {
		return [...this.#openings.values()];
	}

	async apply({ open, close }: FirewallChange): Promise<void> {
		for (const opening of [...open, ...close]) {
			checkOpening(opening);
		}
		for (const opening of open) {
			this.#openings.set(openingKey(opening), opening);
		}
		for (const opening of close) {
			this.#openings.delete(openingKey(opening));
		}
	}

	async clear(): Promise<void> {
		this.#openings.clear();
	}

	async watch(): Promise<Watch> {
		return { stop: async () => undefined };
	}
}
