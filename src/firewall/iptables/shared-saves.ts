/**
 * Commands by which a slow iptables-save is not run again for the same answer. Beside a set of 300,000 addresses in a table of its
 * own it takes 5 s, and finding the firewall, reading it and comparing its listings each ask for the same. One that is under way is
 * shared, and one that has ended holds for as long as it took: it was that old when it ended. On an ordinary host that is 10 ms.
 */

import type { Output, RunOptions } from "../../system/commands.js";
import { ForwardingCommands } from "../../system/forwarding-commands.js";

interface Saved {
	readonly output: Promise<Output>;
	/** On the process' clock; infinite while it runs. */
	until: number;
}

const SAVE = /^ip6?tables-\w+-save$/;

/** These change nothing unless they are given an input. */
const READS = /^(nft|ip|ss)$/;

export class SharedSaves extends ForwardingCommands {
	readonly #saved = new Map<string, Saved>();

	override async run(tool: string, args: readonly string[], options: RunOptions = {}): Promise<Output> {
		if (SAVE.test(tool)) {
			return this.#save(tool, args, options);
		}
		if (READS.test(tool) && options.input === undefined) {
			return this.others.run(tool, args, options);
		}
		this.forget();
		return this.others.run(tool, args, options).finally(() => this.forget());
	}

	/** Others have changed rules: the next answer is a new one. */
	forget(): void {
		this.#saved.clear();
	}

	#save(tool: string, args: readonly string[], options: RunOptions): Promise<Output> {
		const key = [tool, ...args].join(" ");
		const known = options.fresh ? undefined : this.#saved.get(key);
		// Whoever cannot wait long does not wait for another's.
		const isOver = known?.until !== Number.POSITIVE_INFINITY;
		if (known && performance.now() < known.until && (isOver || options.timeoutMs === undefined)) {
			return known.output;
		}
		const began = performance.now();
		const output = this.others.run(tool, args, options);
		if (options.timeoutMs !== undefined) {
			return output;
		}
		const saved: Saved = { output, until: Number.POSITIVE_INFINITY };
		this.#saved.set(key, saved);
		output.then(
			() => {
				const now = performance.now();
				saved.until = now + (now - began);
			},
			() => {
				if (this.#saved.get(key) === saved) {
					this.#saved.delete(key);
				}
			},
		);
		return output;
	}
}
