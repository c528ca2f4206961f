/** All that tells the guard to look, besides reports and time. What does not work is a problem, not a reason to give up. */

import type { Firewall } from "../../firewall/firewall.js";
import type { Clock } from "../../system/clock.js";
import { messageOf } from "../../system/errors.js";
import type { GuardLog } from "../report/events.js";
import type { Problems } from "../report/problems.js";
import { FirewallWatch } from "./firewall-watch.js";
import type { Trigger } from "./kernel-events.js";
import { type Looks, RescanBurst } from "./rescan-burst.js";

export interface TriggerSetParts extends Looks {
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

export class TriggerSet {
	readonly #parts: TriggerSetParts;
	readonly #burst: RescanBurst;
	readonly #firewallWatch: FirewallWatch;

	constructor(parts: TriggerSetParts) {
		const { firewall, clock, log, firewallChanged } = parts;
		this.#parts = parts;
		this.#burst = new RescanBurst(parts, clock);
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
