/** What commands do where no guard runs: one evaluation, shown or applied once. No loop, no timers, no triggers. */

import type { Firewall, FirewallChange } from "../firewall/firewall.js";
import type { Clock } from "../system/clock.js";
import { messageOf } from "../system/errors.js";
import { within } from "../system/within.js";
import { changeBetween, Enforcer } from "./enforcer.js";
import { Evaluator } from "./evaluator.js";
import { FlowCuts, type FlowCutter } from "./flow-cuts.js";
import type { ProcessTable } from "./kernel/processes.js";
import type { SocketTable } from "./kernel/sockets.js";
import type { UdpSocket } from "./kernel/udp-socket.js";
import { blockedPorts, Problems, unknownNames, unservedFirewalls } from "./report/problems.js";
import { type PortStatus, STATUS_SCHEMA, type Status } from "./report/status.js";
import type { Home } from "./sessions/identity.js";
import type { Settings } from "./settings.js";
import type { ExplainOpenings } from "./verification.js";

export interface OneShotDependencies {
	readonly firewall: Firewall;
	/** Why this firewall, in one sentence. */
	readonly reason: string;
	/** A sentence for each other that drops and in which nothing is opened. */
	readonly unserved: readonly string[];
	/** Some tool failed when the firewall was looked for: there may be another. */
	readonly incomplete: boolean;
	readonly sockets: SocketTable;
	readonly processes: ProcessTable;
	readonly home: Home;
	readonly flows: FlowCutter;
	/** By the rules of the host as they are. */
	readonly explain: ExplainOpenings;
	readonly clock: Clock;
}

/** Of a status' time, kept for following datagrams through the rules (ms), where the firewall does not answer. */
const RULES_MS = 400;

/** For one of its methods, once. What is open already counts as a predecessor's: the reports about it are expected. */
export class OneShot {
	readonly #dependencies: OneShotDependencies;
	readonly #evaluator: Evaluator;
	readonly #enforcer: Enforcer;

	constructor(dependencies: OneShotDependencies, settings: Settings) {
		this.#dependencies = dependencies;
		this.#evaluator = new Evaluator(dependencies, settings);
		this.#enforcer = new Enforcer(dependencies.firewall);
	}

	/** How many sockets of one user are considered. */
	get socketsPerUser(): number {
		return this.#evaluator.socketsPerUser;
	}

	/**
	 * What `reconcile` would change.
	 * @throws the firewall's error, or what keeps the kernel's tables from being read
	 */
	async plan(): Promise<FirewallChange> {
		const actual = await this.#dependencies.firewall.list();
		this.#evaluator.adopt(actual);
		return changeBetween(this.#evaluator.desired(await this.#readSockets()), actual);
	}

	/**
	 * A firewall that cannot be read is a problem in the status.
	 * @param withinMs waits no longer for firewall and rules
	 * @throws when the kernel's tables cannot be read
	 */
	async status(withinMs: number): Promise<Status> {
		const { firewall, reason, unserved, clock } = this.#dependencies;
		const until = clock.now() + withinMs;
		const problems = new Problems();
		const unread = await this.#unread(Math.max(0, withinMs - RULES_MS));
		if (unread !== undefined) {
			problems.set("firewall-failed", unread);
		}
		this.#evaluator.adopt(this.#enforcer.openings);
		await this.#scan();
		this.#evaluator.decide();
		const { settings } = this.#evaluator;
		const { openings } = this.#enforcer;
		const left = Math.max(0, until - clock.now());
		const explanations = openings.length === 0 ? new Map() : await this.#dependencies.explain(openings, left);
		const { ports, leftOver } = this.#evaluator.overview(openings, explanations);
		const isUnknown = this.#isUnknown;
		return {
			schema: STATUS_SCHEMA,
			guard: { running: false, armedSeconds: 0, leases: 0 },
			firewall: {
				name: isUnknown ? "unknown" : firewall.name,
				reason,
				healthy: this.#enforcer.inSync && !isUnknown,
			},
			range: settings.policy.ports,
			ports: unread === undefined ? ports : ports.map((port) => unlessDecided(port, unread)),
			leftOver,
			problems: [
				...problems.list(),
				...unservedFirewalls(unserved),
				...unknownNames(settings),
				...blockedPorts(ports),
			],
		};
	}

	/**
	 * Makes the firewall agree; what it opens stays open.
	 * @throws what kept it from doing so
	 */
	async reconcile(): Promise<FirewallChange> {
		const { firewall, flows } = this.#dependencies;
		// Whether the firewall can be read shows in the step itself, which repairs it first.
		this.#evaluator.adopt(await firewall.list().catch(() => []));
		await this.#scan();
		const { open, close, failure } = await this.#enforcer.enforce(this.#evaluator.decide().wanted);
		const cuts = new FlowCuts({ flows, isUsed: (port) => this.#evaluator.knows(port), log: () => undefined });
		cuts.add(close);
		await cuts.done();
		if (failure !== undefined) {
			throw failure;
		}
		return { open, close };
	}

	/** That nothing was found, where not all was read, is no finding. */
	get #isUnknown(): boolean {
		const { firewall, incomplete } = this.#dependencies;
		return incomplete && firewall.name === "none";
	}

	/** Why what is open is not known, in a sentence; undefined where it has been read. */
	async #unread(withinMs: number): Promise<string | undefined> {
		if (this.#isUnknown) {
			return `Which firewall is in force is not known: ${this.#dependencies.reason}`;
		}
		try {
			if (await within(withinMs, this.#enforcer.list())) {
				return undefined;
			}
			return "The firewall cannot be read: it has not answered yet: another program holds its lock, or it hangs.";
		} catch (error) {
			return `The firewall cannot be read: ${messageOf(error)}`;
		}
	}

	/** Twice: a server that is just moving to the background may be missed by one search. */
	async #scan(): Promise<void> {
		for (const recheckHolders of [true, false]) {
			this.#evaluator.scan(await this.#readSockets(), { recheckHolders });
		}
	}

	#readSockets(): Promise<readonly UdpSocket[]> {
		return this.#dependencies.sockets.read(this.#evaluator.settings.policy.ports);
	}
}

/** A port is not `pending` because nobody could look. */
function unlessDecided(port: PortStatus, reason: string): PortStatus {
	return port.state === "pending" ? { ...port, state: "unverified", reason } : port;
}
