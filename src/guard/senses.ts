/** All that tells the guard to look, besides reports and time. What does not work is a problem, not a reason to give up. */

import type { Clock } from "../clock.js";
import type { Firewall } from "../firewall/firewall.js";
import { messageOf } from "./errors.js";
import type { GuardLog } from "./events.js";
import { FirewallWatch } from "./firewall-watch.js";
import type { Trigger } from "./kernel/watch.js";
import type { Problems } from "./problems.js";
import { Burst, type Looks } from "./schedule.js";

export interface SensesParts extends Looks {
	readonly triggers: readonly Trigger[];
	readonly firewall: Firewall;
	readonly clock: Clock;
	readonly problems: Problems;
	readonly log: GuardLog;
	/** At this port alone. */
	readonly lookAt: (port: number) => void;
	/** Another hand has changed the firewall's rules. */
	readonly firewallChanged: () => void;
}

export class Senses {
	readonly #parts: SensesParts;
	readonly #burst: Burst;
	readonly #firewallWatch: FirewallWatch;

	constructor(parts: SensesParts) {
		const { firewall, clock, log, firewallChanged } = parts;
		this.#parts = parts;
		this.#burst = new Burst(parts, clock);
		this.#firewallWatch = new FirewallWatch(firewall, clock, (cause) => {
			log("firewall.changed", { cause });
			firewallChanged();
		});
	}

	async start(): Promise<void> {
		for (const trigger of this.#parts.triggers) {
			const { name, early } = trigger;
			trigger.start(
				// No glance: since the last look any socket of the host may have come, and would hide the one that went.
				(port) => {
					if (early) this.#burst.trigger();
					else if (port === undefined) this.#parts.look();
					else this.#parts.lookAt(port);
				},
				(cause) =>
					this.#failed(name, `No ${name} events: ${messageOf(cause)}. Changes are noticed later.`, cause),
			);
		}
		try {
			await this.#firewallWatch.start();
		} catch (cause) {
			this.#failed("firewall", `Firewall changes are noticed late: ${messageOf(cause)}`, cause);
		}
	}

	async stop(): Promise<void> {
		this.#burst.stop();
		await Promise.all(this.#parts.triggers.map((trigger) => trigger.stop()));
		await this.#firewallWatch.stop();
	}

	#failed(name: string, sentence: string, cause: unknown): void {
		this.#parts.problems.set(`no-${name}-events`, sentence);
		this.#parts.log("watch.failed", { trigger: name, cause: messageOf(cause) });
	}
}
