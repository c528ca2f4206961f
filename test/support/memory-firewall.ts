/** A firewall in memory, for tests of the guard without root; changes by the administrator and failures can be injected. */

import type { Firewall, FirewallChange, Opening, Watch } from "../../src/firewall/firewall.js";
import { openingKey } from "../../src/firewall/opening.js";

export class MemoryFirewall implements Firewall {
	readonly name = "none" as const;
	readonly rules = new Map<string, Opening>();
	/** Every change in the order it was asked for. */
	readonly changes: FirewallChange[] = [];
	/** How often the rules were read back. */
	listings = 0;
	/** Thrown by the next calls while set. */
	failure: Error | undefined;
	/** How often it was thrown. */
	failed = 0;
	#listeners = new Set<(cause: string) => void>();

	repair(): Promise<Opening[]> {
		return this.list();
	}

	async list(): Promise<Opening[]> {
		this.#failIfTold();
		this.listings++;
		return [...this.rules.values()];
	}

	async apply(change: FirewallChange): Promise<void> {
		this.#failIfTold();
		this.changes.push(change);
		for (const opening of change.open) {
			this.rules.set(openingKey(opening), opening);
		}
		for (const opening of change.close) {
			this.rules.delete(openingKey(opening));
		}
	}

	async clear(): Promise<void> {
		this.#failIfTold();
		this.rules.clear();
	}

	async watch(listener: (cause: string) => void): Promise<Watch> {
		this.#listeners.add(listener);
		return { stop: async () => void this.#listeners.delete(listener) };
	}

	get watched(): boolean {
		return this.#listeners.size > 0;
	}

	/** Another program flushes everything, as `iptables -F` does. */
	flush(): void {
		this.rules.clear();
		for (const listener of this.#listeners) {
			listener("flushed");
		}
	}

	get open(): string[] {
		return [...this.rules.keys()].sort();
	}

	#failIfTold(): void {
		if (this.failure === undefined) {
			return;
		}
		this.failed++;
		throw this.failure;
	}
}
