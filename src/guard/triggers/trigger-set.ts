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
	/** The same of rules elsewhere, which the firewall's own watch may not see. */
	readonly otherRulesChanged: () => void;
	/** @param isNftSeen the firewall's own watch reports changes to all of nf_tables */
	readonly watchOtherRules?:
		| ((listener: () => void, isNftSeen: boolean) => Promise<readonly Watch[]>)
		| undefined;
}

export class TriggerSet {
	readonly #dependencies: TriggerSetDependencies;
	readonly #burst: RescanBurst;
	readonly #watches: Watch[] = [];

	constructor(dependencies: TriggerSetDependencies) {
		this.#dependencies = dependencies;
		this.#burst = new RescanBurst(dependencies.scans, dependencies.clock);
	}

	async start(): Promise<void> {
		const { triggers, scans, scanPort } = this.#dependencies;
		for (const trigger of triggers) {
			const { name, early } = trigger;
			trigger.start(
				// Not a quick scan: any new socket of the host since the last scan would hide the one that is gone.
				(port, isToldBesides) => {
					if (early) {
						this.#burst.trigger(isToldBesides);
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
			await this.#watchRules();
		} catch (cause) {
			this.#failed("firewall", `Firewall changes are noticed late: ${messageOf(cause)}`, cause);
		}
	}

	async #watchRules(): Promise<void> {
		const { firewall, firewallChanged, otherRulesChanged, watchOtherRules, log } = this.#dependencies;
		// Every firewall limits the rate of its notifications itself.
		const watch = await firewall.watch((cause) => {
			log("firewall.changed", { cause });
			firewallChanged();
		}, otherRulesChanged);
		this.#watches.push(watch);
		const others = await watchOtherRules?.(otherRulesChanged, watch.seesAllOfNft === true);
		this.#watches.push(...(others ?? []));
	}

	/** As in `Watch`. */
	async othersMark(): Promise<number | undefined> {
		return this.#watches.find(({ seesAllOfNft }) => seesAllOfNft)?.othersMark?.();
	}

	async stop(): Promise<void> {
		this.#burst.stop();
		await Promise.all(this.#dependencies.triggers.map((trigger) => trigger.stop()));
		await Promise.all(this.#watches.splice(0).map((watch) => watch.stop()));
	}

	#failed(name: string, sentence: string, cause: unknown): void {
		this.#dependencies.problems.set(`no-${name}-events`, sentence);
		this.#dependencies.log("watch.failed", { trigger: name, cause: messageOf(cause) });
	}
}
