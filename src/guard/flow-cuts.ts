/** Cuts the tracked flows of closed ports, beside the loop: no login waits for it. */

import type { Opening } from "../firewall/firewall.js";
import { messageOf } from "../system/errors.js";
import { SerialQueue } from "../system/serial-queue.js";
import type { GuardLog } from "./report/events.js";

/**
 * Every firewall here accepts established flows before it looks at ports, so without this a client could keep sending to
 * whichever program binds the port next.
 */
export interface FlowCutter {
	cut(openings: readonly Opening[]): Promise<void>;
}

export interface FlowCutsDependencies {
	readonly flows: FlowCutter;
	/** Whether a socket is bound to the port. */
	readonly isUsed: (port: number) => boolean;
	readonly log: GuardLog;
}

export class FlowCuts {
	readonly #dependencies: FlowCutsDependencies;
	readonly #queue = new SerialQueue();

	constructor(dependencies: FlowCutsDependencies) {
		this.#dependencies = dependencies;
	}

	/** Not awaited by the loop. A failure is logged: the kernel forgets idle flows by itself. */
	add(closed: readonly Opening[]): void {
		if (closed.length > 0) {
			void this.#queue.run(() => this.#cut(closed));
		}
	}

	/** Resolves when everything added before has been cut. */
	async done(): Promise<void> {
		await this.#queue.run(async () => undefined);
	}

	/** Not where another session has the port now: that one would lose datagrams. */
	async #cut(closed: readonly Opening[]): Promise<void> {
		const { flows, isUsed, log } = this.#dependencies;
		const unused = closed.filter(({ port }) => !isUsed(port));
		if (unused.length === 0) {
			return;
		}
		try {
			await flows.cut(unused);
		} catch (error) {
			log("flows.failed", { cause: messageOf(error) });
		}
	}
}
