/** Says how things stand: the guard, its firewall, every port with what the rules of the host do with it, and what is amiss. */

import type { Firewall, Opening } from "../firewall/firewall.js";
import { openingKey, without } from "../firewall/opening.js";
import type { Clock } from "../system/clock.js";
import { within } from "../system/within.js";
import type { Enforcer } from "./enforcer.js";
import type { Evaluator } from "./evaluator.js";
import type { Failures } from "./failures.js";
import { unheardOpenings, withCounts } from "./report/counted.js";
import {
	blockedPorts,
	type Problems,
	unansweredFirewall,
	unknownNames,
	unservedFirewalls,
} from "./report/problems.js";
import { type PortStatus, STATUS_SCHEMA, type Status } from "./report/status.js";
import { type ExplainOpenings, type Explanations, Verification } from "./verification.js";

export interface StatusReportDependencies {
	readonly firewall: Firewall;
	/** Why this firewall, in one sentence. */
	readonly reason: string;
	/** By the rules of the host as they are. */
	readonly explain: ExplainOpenings;
	readonly evaluator: Evaluator;
	readonly enforcer: Enforcer;
	readonly failures: Failures;
	readonly problems: Problems;
	/** A scan that rechecks every holder, and the step that follows from it. */
	readonly rescan: () => Promise<void>;
	/** When the last such scan ended, and how long it blocked the guard (ms). */
	readonly lastRescan: () => { readonly at: number; readonly tookMs: number };
	readonly guard: () => Status["guard"];
	readonly clock: Clock;
}

/** A status for unprivileged clients may be this old, or older where a full scan takes long: it may use this share of the time. */
const FRESH_STATUS_MS = 1000;
const FULL_SCAN_SHARE = 1 / 20;
/** A status waits no longer than this for everything together (ms): with the command that asks for it, it stays below 2 s. */
const STATUS_MS = 1400;
/** Of that, for a scan and the step that follows: a step may wait for another program's lock on the firewall, iptables for 5 s. */
const STATUS_SCAN_MS = 750;
/** A step that takes the firewall so long waits for something (ms): opening a port takes 5. */
const UNANSWERED_MS = 700;
/** Nor for counters, which are one listing. */
const COUNTERS_MS = 300;

export class StatusReport {
	readonly #dependencies: StatusReportDependencies;
	readonly #verification: Verification;
	/** A sentence for each firewall that drops and in which nothing is opened. */
	unserved: readonly string[];
	/** When the firewall was given what it works on; Infinity while it has nothing to do. */
	enforcingSince = Number.POSITIVE_INFINITY;

	constructor(dependencies: StatusReportDependencies, unserved: readonly string[]) {
		this.#dependencies = dependencies;
		this.#verification = new Verification(dependencies.explain, dependencies.clock);
		this.unserved = unserved;
	}

	/** After a scan that rechecks every holder: a socket may have passed to a child of the process that bound it. */
	async current(): Promise<Status> {
		const { clock, rescan } = this.#dependencies;
		const until = clock.now() + STATUS_MS;
		await within(STATUS_SCAN_MS, rescan());
		return this.#counted(this.#by(await this.#verification.current(this.#toExplain(), until)), until);
	}

	/** The same for unprivileged clients, who may ask as often as they like: such scans take a bounded share of the time. */
	async recent(): Promise<Status> {
		const { clock, rescan, lastRescan } = this.#dependencies;
		const { at, tookMs } = lastRescan();
		const now = clock.now();
		if (now - at > Math.max(FRESH_STATUS_MS, tookMs / FULL_SCAN_SHARE)) {
			await within(STATUS_SCAN_MS, rescan());
		}
		return this.#by(await this.#verification.recent(this.#toExplain(), now + STATUS_MS));
	}

	/** By the last scan and the firewall's own listing. */
	known(): Status {
		return this.#by(new Map());
	}

	/** What a status would say of one socket's port, by the rules as they were lately; undefined where there is no such socket. */
	async ofPort(opening: Opening): Promise<PortStatus | undefined> {
		const until = this.#dependencies.clock.now() + STATUS_MS;
		const find = (found: Explanations) =>
			this.#by(found).ports.find((port) => openingKey(port) === openingKey(opening));
		const lately = find(await this.#verification.recent(this.#toExplain(), until));
		// It may be newer than that reading.
		return lately?.state === "pending"
			? find(await this.#verification.current(this.#toExplain(), until))
			: lately;
	}

	/** With what the rules have counted, where that tells where datagrams end. */
	async #counted(status: Status, until: number): Promise<Status> {
		const { firewall, clock } = this.#dependencies;
		const unheard = unheardOpenings(status.ports);
		if (unheard.length === 0) {
			return status;
		}
		let counted: ReadonlyMap<string, number> = new Map();
		const counting = firewall.counted?.(unheard).then(
			(found) => {
				counted = found;
			},
			() => undefined,
		);
		const left = Math.max(0, until - clock.now());
		await within(Math.min(COUNTERS_MS, left), counting ?? Promise.resolve());
		return { ...status, ports: withCounts(status.ports, counted) };
	}

	/** Also what a firewall that fails does not list: the rules may let datagrams in all the same. */
	#toExplain(): readonly Opening[] {
		const { enforcer, evaluator } = this.#dependencies;
		const { openings, withheld } = enforcer;
		const unlisted = without(evaluator.admitted, openings);
		return [...openings, ...unlisted.filter((opening) => !withheld.has(openingKey(opening)))];
	}

	#by(found: Explanations): Status {
		const { clock, firewall, reason, enforcer, evaluator, failures, problems, guard } = this.#dependencies;
		const listed = new Set(enforcer.openings.map(openingKey));
		// What is not opened yet is pending, whatever its firewall does with it until then.
		const telling = [...found].filter(
			([key, { verdict, by }]) =>
				listed.has(key) || verdict === "open" || (verdict === "closed" && by === "admin"),
		);
		const explanations = new Map([...enforcer.withheld, ...telling]);
		const { ports, leftOver } = evaluator.overview(enforcer.openings, explanations);
		return {
			schema: STATUS_SCHEMA,
			guard: guard(),
			firewall: { name: firewall.name, reason, healthy: failures.firewallWorks },
			range: evaluator.settings.policy.ports,
			ports,
			leftOver,
			problems: [
				...problems.list(),
				...unansweredFirewall(clock.now() - this.enforcingSince >= UNANSWERED_MS),
				...unservedFirewalls(this.unserved),
				...unknownNames(evaluator.settings),
				...blockedPorts(ports),
			],
		};
	}
}
