/** Nothing filters, so nothing needs to open: remembers what it was told, for the guard to reconcile against. */

import type { Explanation, Firewall, FirewallChange, Opening, Watch } from "../firewall/firewall.js";
import { openingKey } from "../firewall/opening.js";

export class NoFirewall implements Firewall {
	readonly name = "none" as const;
	readonly #open = new Map<string, Opening>();

	async ensure(): Promise<void> {}

	async list(): Promise<Opening[]> {
		return [...this.#open.values()];
	}

	async apply({ open, close }: FirewallChange): Promise<void> {
		for (const opening of open) this.#open.set(openingKey(opening), opening);
		for (const opening of close) this.#open.delete(openingKey(opening));
	}

	async clear(): Promise<void> {
		this.#open.clear();
	}

	async explain(): Promise<Explanation> {
		return { verdict: "unknown", by: "policy", rule: "no firewall is steered here" };
	}

	async watch(): Promise<Watch> {
		return { stop: async () => {} };
	}
}
