/**
 * What should be open, as far as sockets, processes, reports and the policy decide: the guard's loop and the one-shot commands
 * feed it and act on its answers. It logs nothing, starts nothing and knows no firewall.
 */

import type { FirewallChange, Opening } from "../firewall/firewall.js";
import { openingKey, sameOpening } from "../firewall/opening.js";
import { isLoopback } from "../system/addresses.js";
import type { Clock } from "../system/clock.js";
import type { ProcessTable } from "./kernel/processes.js";
import type { UdpSocket } from "./kernel/udp-socket.js";
import { type Overview, overview } from "./report/overview.js";
import { Admissions, type NewRefusal } from "./sessions/admissions.js";
import type { Home } from "./sessions/identity.js";
import { type Lease, Leases } from "./sessions/leases.js";
import { openingsOf } from "./sessions/policy.js";
import type { Refusal } from "./sessions/refusals.js";
import {
	type ScanRequest,
	type ScanResult,
	SessionTracker,
	type TrackedSession,
} from "./sessions/tracker.js";
import type { Settings } from "./settings.js";
import type { Explanations } from "./verification.js";

export interface EvaluatorDependencies {
	readonly processes: ProcessTable;
	readonly home: Home;
	readonly clock: Clock;
	/** Refusal of a socket that another process holds too, as far as is known. */
	readonly otherHolders?: (socket: UdpSocket) => Refusal | undefined;
}

export interface ScanOptions {
	/** Search for every holder again, not only for those of new sockets. */
	readonly recheckHolders: boolean;
	/** Reports under way: the processes they name are inspected first. */
	readonly claimants?: readonly Lease[];
}

export interface Decision {
	/** All that must be open. */
	readonly wanted: () => readonly Opening[];
	/** From what the last decision wanted; undefined where that is not known. */
	readonly change: FirewallChange | undefined;
	/** Sessions refused for another reason than before. */
	readonly refused: readonly NewRefusal[];
}

/** Sockets per user beyond those that may have a port: refusals are shown too, and each costs a search of the processes. */
const EXTRA_SOCKETS_PER_USER = 64;

export class Evaluator {
	readonly leases = new Leases();
	/** New settings hold from the next scan on. */
	settings: Settings;
	readonly #clock: Clock;
	readonly #tracker: SessionTracker;
	readonly #admissions: Admissions;
	/** Keys of what was open before, until the sessions must have reported. */
	readonly #adopted = new Set<string>();

	constructor({ processes, home, clock, otherHolders }: EvaluatorDependencies, settings: Settings) {
		this.settings = settings;
		this.#clock = clock;
		this.#tracker = new SessionTracker(processes, home);
		this.#admissions = new Admissions(otherHolders);
	}

	/** Takes what a predecessor left open for ports of sessions whose reports are still expected. */
	adopt(openings: readonly Opening[]): void {
		for (const opening of openings) {
			this.#adopted.add(openingKey(opening));
		}
	}

	/** From here on, a session that is accepted only by its report needs one. */
	expectNoReports(): void {
		this.#adopted.clear();
	}

	/**
	 * Learns which sessions there are. The same array as before means that no socket has changed. Ends the leases of sockets
	 * that are gone.
	 * @throws when the processes cannot be read; what was known is kept
	 */
	scan(sockets: readonly UdpSocket[], options: ScanOptions): ScanResult {
		const result = this.#tracker.scan(this.#request(sockets, options));
		for (const socket of result.gone) {
			if (
				!this.#tracker.sessionsAt(new Set([socket.port])).some((other) => sameOpening(other.socket, socket))
			) {
				this.leases.endOf(socket);
			}
		}
		return result;
	}

	/**
	 * Judges the sessions of the last scan. What is admitted counts for its user's rate.
	 * @param afresh something else has changed than sessions that have come, gone or been identified otherwise
	 */
	decide(afresh = true): Decision {
		const now = this.#clock.now();
		const { policy } = this.settings;
		const admissions = this.#admissions;
		const ports = this.#tracker.takeChangedPorts();
		const ofChanged = afresh
			? undefined
			: admissions.evaluateAt(ports, this.#tracker.sessionsAt(ports), policy, now);
		const { refused, change } = admissions.commit(
			ofChanged ?? admissions.evaluate(this.#tracker, policy, now),
			now,
		);
		return { wanted: () => admissions.wanted, change, refused };
	}

	/**
	 * What `scan`, with all holders rechecked, and `decide` would want open. A question only: nothing that is known, counted or
	 * remembered here changes.
	 * @throws when the processes cannot be read
	 */
	desired(sockets: readonly UdpSocket[]): readonly Opening[] {
		const tracker = this.#tracker.copy();
		// As in a reconcile: a second search decides about servers that the first one missed.
		for (const recheckHolders of [true, false]) {
			tracker.scan(this.#request(sockets, { recheckHolders }));
		}
		return this.#admissions.evaluate(tracker, this.settings.policy, this.#clock.now()).wanted;
	}

	get sessions(): readonly TrackedSession[] {
		return this.#tracker.sessions;
	}

	/** Every socket of the range at the last scan, whoever holds it. */
	get table(): readonly UdpSocket[] {
		return this.#tracker.table;
	}

	/** Whether some session may have its port open. */
	get hasAdmitted(): boolean {
		return this.sessions.some(({ admitted, socket }) => admitted && !isLoopback(socket));
	}

	/** All that the admitted sessions need open. */
	get admitted(): readonly Opening[] {
		const { sessions, table } = this;
		return sessions.flatMap(({ socket, admitted }) => (admitted ? openingsOf(socket, table) : []));
	}

	/** The users whose sessions are admitted. */
	get uids(): readonly number[] {
		const admitted = this.sessions.filter((session) => session.admitted);
		return [...new Set(admitted.map(({ socket }) => socket.uid))];
	}

	/** How many sockets of one user are considered. */
	get socketsPerUser(): number {
		return this.settings.policy.perUser + EXTRA_SOCKETS_PER_USER;
	}

	/** Whether a socket on the port was there at the last scan: the end of any other is of no interest. */
	knows(port: number): boolean {
		return this.#tracker.knows(port);
	}

	/** All that is bound to some ports. */
	sessionsAt(ports: ReadonlySet<number>): readonly TrackedSession[] {
		return this.#tracker.sessionsAt(ports);
	}

	/** Whether the process was found to hold the socket, genuine or not. */
	isHeldBy(opening: Opening, pid: number): boolean {
		return this.#tracker.isHeldBy(opening, pid);
	}

	/** Keeps a port closed until the servers that hold it now have ended. Counts from the next decision on. */
	closeForAdmin(port: number): void {
		for (const session of this.sessions) {
			if (session.socket.port === port) {
				session.closedByAdmin = true;
			}
		}
	}

	/** Why the port of a socket stays closed, by the last decision; undefined when it does not. */
	refusalOf(opening: Opening): Refusal | undefined {
		return this.#admissions.refusalOf(opening);
	}

	/** The ports part of the status, for a firewall in which `open` is open, by what is known of the host's other rules. */
	overview(open: readonly Opening[], explanations?: Explanations): Overview {
		const now = this.#clock.now();
		return overview(this.#admissions.list(), this.table, open, this.leases, now, explanations);
	}

	#request(table: readonly UdpSocket[], { recheckHolders, claimants = [] }: ScanOptions): ScanRequest {
		return {
			table,
			recheckHolders,
			claimants,
			trust: this.settings.trust,
			now: this.#clock.now(),
			reporters: (opening) => this.leases.reporters(opening),
			reportsVersion: this.leases.version,
			reportsChangedSince: (version) => this.leases.changedSince(version),
			expectedReport: (opening) => this.#adopted.has(openingKey(opening)),
		};
	}
}
