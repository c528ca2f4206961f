/** Everything that makes the guard scan, except reports and timers. A trigger that fails is shown as a problem. */

import type { Firewall, Watch } from "../../firewall/firewall.js";
import type { Clock } from "../../system/clock.js";
import { messageOf } from "../../system/errors.js";
import type { GuardLog } from "../report/events.js";
import type { Problems } from "../report/problems.js";
import { RescanBurst } from "./rescan-burst.js";
import type { Scans, Trigger } from "./trigger.js";

export interface TriggerSetDependencies {
	readonly triggers: readonly Trigger[];
	readonly firewall: Firewall;
	readonly clock: Clock;
	readonly problems: Problems;
	readonly log: GuardLog;
	readonly scans: Scans;
	readonly scanPort: (port: number) => void;
	/** Another program may have changed the firewall's rules. */
	readonly firewallChanged: () => void;
}

export class TriggerSet {
	readonly #dependencies: TriggerSetDependencies;
	readonly #burst: RescanBurst;
	#firewallWatch: Watch | undefined;

	constructor(dependencies: TriggerSetDependencies) {
		this.#dependencies = dependencies;
		this.#burst = new RescanBurst(dependencies.scans, dependencies.clock);
	}

	async start(): Promise<void> {
		const { triggers, scans, scanPort, firewall, firewallChanged, log } = this.#dependencies;
		for (const trigger of triggers) {
			const { name, early } = trigger;
			trigger.start(
				// Not a quick scan: any new socket of the host since the last scan would hide the one that is gone.
				(port) => {
					if (early) {
						this.#burst.trigger();
					} else if (port === undefined) {
						scans.full();
					} else {
						scanPort(port);
					}
				},
				(cause) =>
					this.#failed(name, `No ${name} events: ${messageOf(cause)}. Changes are noticed later.`, cause),
			);
		}
		try {
			// Every firewall limits the rate of its notifications itself.
			this.#firewallWatch = await firewall.watch((cause) => {
				log("firewall.changed", { cause });
				firewallChanged();
			});
		} catch (cause) {
			this.#failed("firewall", `Firewall changes are noticed late: ${messageOf(cause)}`, cause);
		}
	}

	async stop(): Promise<void> {
		this.#burst.stop();
		await Promise.all(this.#dependencies.triggers.map((trigger) => trigger.stop()));
		await this.#firewallWatch?.stop();
		this.#firewallWatch = undefined;
	}

	#failed(name: string, sentence: string, cause: unknown): void {
		this.#dependencies.problems.set(`no-${name}-events`, sentence);
		this.#dependencies.log("watch.failed", { trigger: name, cause: messageOf(cause) });
	}
}
