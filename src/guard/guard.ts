/**
 * The guard's loop: keeps exactly those ports open that live, genuine, permitted mosh-servers hold.
 *
 * Every trigger (a pty, a destroyed socket, a report, a firewall reload, a timer) only requests a scan. What should be open is
 * then evaluated anew from the kernel's tables and the policy and applied to the firewall, one step at a time.
 * The constructor has no effect outside; `stop` undoes `start`.
 */

import type { Explanation, Firewall, FirewallChange, Opening, Watch } from "../firewall/firewall.js";
import { openingKey, without } from "../firewall/opening.js";
import { BoundedRunner } from "../system/bounded-runner.js";
import type { Clock } from "../system/clock.js";
import { messageOf } from "../system/errors.js";
import { TimerGroup } from "../system/timer-group.js";
import { Answers, socketAt } from "./answers.js";
import { changeBetween, type Enforced, Enforcer } from "./enforcer.js";
import { Evaluator } from "./evaluator.js";
import { Failures } from "./failures.js";
import { FlowCuts, type FlowCutter } from "./flow-cuts.js";
import type { DescriptorSource } from "./kernel/descriptors.js";
import type { ProcessTable } from "./kernel/processes.js";
import { SocketReader } from "./kernel/socket-reader.js";
import type { SocketTable } from "./kernel/sockets.js";
import type { GuardedRange, UdpSocket } from "./kernel/udp-socket.js";
import { Reachability, type RuleReader } from "./reachability.js";
import type { GuardLog } from "./report/events.js";
import { seconds } from "./report/overview.js";
import { Problems } from "./report/problems.js";
import { RefusalLog } from "./report/refusal-log.js";
import type { Status } from "./report/status.js";
import { Rereading } from "./rereading.js";
import type { Home } from "./sessions/identity.js";
import type { Lease, Leases } from "./sessions/leases.js";
import { withOwners } from "./sessions/owners.js";
import { openingsOf } from "./sessions/policy.js";
import type { Refusal } from "./sessions/refusals.js";
import { SecondHolderWatch } from "./sessions/second-holder-watch.js";
import { SecondHolderSearch } from "./sessions/second-holders.js";
import type { ScanResult } from "./sessions/tracker.js";
import type { Settings } from "./settings.js";
import { StatusReport } from "./status-report.js";
import { AlertMode } from "./triggers/alert-mode.js";
import type { Scans, Trigger } from "./triggers/trigger.js";
import { TriggerSet } from "./triggers/trigger-set.js";
import type { ExplainOpenings } from "./verification.js";

export interface GuardDependencies {
	readonly firewall: Firewall;
	/** Why this firewall, in one sentence. */
	readonly reason: string;
	/** A sentence for each other that drops and in which nothing is opened. */
	readonly unserved: readonly string[];
	readonly sockets: SocketTable;
	readonly processes: ProcessTable;
	readonly descriptors: DescriptorSource;
	readonly home: Home;
	readonly triggers: readonly Trigger[];
	readonly flows: FlowCutter;
	/** By the rules of the host as they are. */
	readonly explain: ExplainOpenings;
	/** The same without a reading for each login. */
	readonly rules: RuleReader;
	/** Reports changes to rules that the firewall's own watch does not see. */
	readonly watchOtherRules?: (listener: () => void, isNftSeen: boolean) => Promise<readonly Watch[]>;
	/** The same as long as datagrams come in by the same interfaces and routes, as far as that can be had without a command. */
	readonly ways: () => string;
	/**
	 * The same as long as nothing else has changed that what is known of the rules depends on; undefined where that cannot be known.
	 */
	readonly network: () => Promise<string | undefined>;
	/** Told of every change to rules by others: another firewall may be in force. */
	readonly rulesChanged?: () => void;
	readonly clock: Clock;
	readonly log: GuardLog;
	/** Called after a step that left the firewall as wanted: what is open, or for whom, may have changed. */
	readonly settled?: () => void;
}

/**
 * Everything is scanned this often, in case an event was lost, and read back unless the kernel's count shows that none was: triggers
 * make the guard fast, sweeps make it correct. The time limits of the rules in nftables require at least this pace.
 */
export const SWEEP_MS = 60_000;
/** A server that one search missed is sought again this soon; by then it has moved to the background. */
const UNCONFIRMED_RESCAN_MS = 2;
/**
 * The sessions of a previous guard report again within 7.5 s (`RECONNECT_MS` in guard-protocol/client.ts). Until then what was
 * open when this guard started stays open for servers that are accepted only by their report.
 */
const EXPECTED_REPORTS_MS = 10_000;
export class Guard {
	readonly #dependencies: GuardDependencies;
	readonly #evaluator: Evaluator;
	readonly #enforcer: Enforcer;
	readonly #reader: SocketReader;
	readonly #steps: BoundedRunner;
	readonly #answers: Answers;
	readonly #secondHolders: SecondHolderWatch;
	readonly #flowCuts: FlowCuts;
	readonly #report: StatusReport;
	readonly #reachability: Reachability;
	readonly #rereading: Rereading;
	readonly #triggerSet: TriggerSet;
	readonly #alertMode: AlertMode;
	readonly #timers = new TimerGroup();
	readonly #problems = new Problems();
	readonly #failures: Failures;
	readonly #refusalLog: RefusalLog;
	#running = false;
	#startedAt = 0;
	/** The next scan searches for every holder again. */
	#recheckHolders = true;
	/** Something other than sockets, holders and reports has changed that verdicts depend on. */
	#needsDecision = true;
	/** When the last scan that rechecked all holders ended, and how long it blocked the guard. */
	#lastRecheck = { at: Number.NEGATIVE_INFINITY, tookMs: 0 };
	/** One for each `reconcile` under way: what has changed since it began. */
	readonly #records = new Set<{ open: Opening[]; close: Opening[] }>();

	constructor(dependencies: GuardDependencies, settings: Settings) {
		const { clock, log, firewall, flows, processes, home, sockets } = dependencies;
		const timers = this.#timers;
		this.#dependencies = dependencies;
		this.#evaluator = new Evaluator(
			{ processes, home, clock, otherHolders: (socket) => this.#secondHolders.refusalOf(socket) },
			settings,
		);
		this.#enforcer = new Enforcer(firewall);
		this.#reader = new SocketReader(sockets, () => this.ports, clock);
		this.#steps = new BoundedRunner(() => this.#step(), clock);
		this.#answers = this.#createAnswers();
		this.#flowCuts = new FlowCuts({ flows, isUsed: (port) => this.knows(port), log });
		const held = () => this.#enforcer.openings;
		const takeBack = (opening: Opening, explanation: Explanation) => {
			this.#enforcer.withhold(opening, explanation);
			this.#needsDecision = true;
			this.requestScan();
		};
		const isHeld = (opening: Opening) => this.#enforcer.holds(opening);
		this.#reachability = new Reachability({
			rules: dependencies.rules,
			held,
			isHeld,
			takeBack,
			log,
			timers,
			clock,
		});
		this.#failures = new Failures({
			problems: this.#problems,
			log,
			timers,
			retry: () => this.requestScan(),
		});
		this.#report = this.#createReport();
		this.#refusalLog = new RefusalLog({
			log,
			clock,
			timers,
			refusalOf: (socket) => this.#evaluator.refusalOf(socket),
		});
		this.#secondHolders = this.#createSecondHolderWatch();
		const scans = { full: () => this.requestScan(), quick: () => this.#requestQuickScan() };
		this.#alertMode = new AlertMode(clock, timers, scans);
		this.#triggerSet = this.#createTriggerSet(scans);
		this.#rereading = new Rereading({
			enforcer: this.#enforcer,
			reachability: this.#reachability,
			rules: dependencies.rules,
			othersMark: () => this.#triggerSet.othersMark(),
			ways: dependencies.ways,
			network: dependencies.network,
			requestScan: () => this.requestScan(),
		});
	}

	/** Resolves after the first reconcile. A firewall that fails is shown as a problem and retried; the guard runs anyway. */
	async start(): Promise<void> {
		const { firewall, clock, reason, log } = this.#dependencies;
		this.#running = true;
		this.#timers.start();
		this.#startedAt = clock.now();
		await this.#triggerSet.start();
		const allRead = await this.#rereading.start();
		// Whether the firewall can be read shows in the first step.
		this.#evaluator.adopt(await firewall.list().catch(() => []));
		await this.#reconcile();
		await allRead();
		this.#timers.after(EXPECTED_REPORTS_MS, () => {
			this.#evaluator.expectNoReports();
			this.#recheckHolders = true;
			this.requestScan();
		});
		this.#timers.every(SWEEP_MS, () => {
			this.#recheckHolders = true;
			this.requestScan();
			void this.#rereading.sweep();
			void this.#secondHolders.search();
		});
		this.#reachability.look();
		log("guard.started", { firewall: firewall.name, reason });
	}

	/**
	 * @param options.leaveOpen for a guard that ends while sessions continue
	 * @throws the firewall's error when it could not be cleared
	 */
	async stop({ leaveOpen = false } = {}): Promise<void> {
		if (!this.#running) {
			return;
		}
		this.#running = false;
		this.#timers.stop();
		await this.#triggerSet.stop();
		// The step under way ends first: otherwise what it opens would remain.
		await this.#steps.request();
		try {
			if (!leaveOpen) {
				await this.#enforcer.clear();
			}
			await this.#flowCuts.done();
		} finally {
			this.#dependencies.log("guard.stopped", { leaveOpen });
		}
	}

	/** Cheap to call often: scans are limited in rate, and all who ask meanwhile share the next one. */
	requestScan(): void {
		if (this.#running) {
			void this.scanned();
		}
	}

	/** Resolves when a scan that began after the call, and the step that follows from it, have ended. */
	async scanned(): Promise<void> {
		await this.#reader.full();
		await this.#steps.request();
	}

	/** The same for one port, without waiting for a list of all sockets. */
	async scanPort(port: number): Promise<void> {
		if (!this.#running) {
			return;
		}
		await this.#reader.port(port);
		await this.#steps.request();
	}

	/**
	 * Everything anew, rules read back from the firewall. Resolves with what changed.
	 * @throws what kept it from doing so
	 */
	async reconcile(): Promise<FirewallChange> {
		const change = await this.#reconcile();
		this.#failures.throwLast();
		return change;
	}

	/**
	 * What `reconcile` would change. A question only: it reads the kernel and the firewall, and changes nothing of the guard's.
	 * @throws the firewall's error, or what keeps the kernel's tables from being read
	 */
	async plan(): Promise<FirewallChange> {
		const actual = await this.#dependencies.firewall.list();
		await this.#reader.full();
		return changeBetween(this.#evaluator.desired(this.#reader.sockets), actual);
	}

	/** A login was announced: scan frequently for so many seconds. */
	alert(seconds: number): void {
		this.#dependencies.log("guard.armed", { seconds });
		this.#alertMode.extend(seconds);
	}

	/** Milliseconds for which an announced login is still expected. */
	get alertMs(): number {
		return this.#alertMode.remainingMs;
	}

	/** As in `Rereading`. */
	rulesMark(): Promise<string | undefined> {
		return this.#rereading.mark();
	}

	/** Whether some session may have its port open. */
	get hasAdmitted(): boolean {
		return this.#evaluator.hasAdmitted;
	}

	/** Whether a socket on the port was there at the last scan: the end of any other is of no interest. */
	knows(port: number): boolean {
		return this.#evaluator.knows(port);
	}

	get leases(): Leases {
		return this.#evaluator.leases;
	}

	/** The users whose sessions are admitted. */
	get uids(): readonly number[] {
		return this.#evaluator.uids;
	}

	/** A sentence for each firewall that drops and in which nothing is opened, as found now. */
	set unserved(sentences: readonly string[]) {
		this.#report.unserved = sentences;
	}

	/** Ports that may be open. */
	get ports(): GuardedRange {
		return this.#evaluator.settings.policy.ports;
	}

	/** How many ports a user may have open. */
	get perUser(): number {
		return this.#evaluator.settings.policy.perUser;
	}

	/** How many sockets of one user are considered. */
	get socketsPerUser(): number {
		return this.#evaluator.socketsPerUser;
	}

	/** The socket's owner; undefined for a socket that was not there at the last reading. */
	ownerOf(opening: Opening): number | undefined {
		return this.#socketAt(opening)?.uid;
	}

	/**
	 * Keeps a port closed until the servers that hold it now have ended. Resolves with what was closed; a close that fails is
	 * retried.
	 * @throws what kept it from closing
	 */
	async closePort(port: number, dryRun: boolean): Promise<Opening[]> {
		const closing = this.#enforcer.openings.filter((opening) => opening.port === port);
		if (dryRun) {
			return closing;
		}
		this.#evaluator.closeForAdmin(port);
		this.#needsDecision = true;
		await this.scanned();
		this.#failures.throwLast();
		return closing.filter((opening) => !this.#enforcer.isOpen(opening));
	}

	/** Resolves when the new settings are in effect. */
	async apply(settings: Settings): Promise<void> {
		const { first, last } = this.ports;
		this.#evaluator.settings = settings;
		this.#recheckHolders = true;
		// Triggers are told the range when they start.
		if (this.#running && (this.ports.first !== first || this.ports.last !== last)) {
			await this.#triggerSet.stop();
			await this.#triggerSet.start();
		}
		await this.scanned();
	}

	/** Undefined once the socket's port is open, else why it is not. Waits as long as that may still change by itself. */
	answer(opening: Opening): Promise<Refusal | undefined> {
		return this.#answers.ask(opening);
	}

	/** The answer to a report. Its lease holds from then on if its process really holds the socket, whatever the answer. */
	report(lease: Lease): Promise<Refusal | undefined> {
		return this.#answers.report(lease);
	}

	updateLease(lease: Lease, update: Parameters<Leases["update"]>[1]): void {
		this.leases.update(lease, update, this.#dependencies.clock.now());
	}

	/** The status after a scan that rechecks every holder. */
	currentStatus(): Promise<Status> {
		return this.#report.current();
	}

	/** The same for unprivileged clients, who may ask as often as they like. */
	recentStatus(): Promise<Status> {
		return this.#report.recent();
	}

	/** The status by the last scan and the firewall's own listing. */
	status(): Status {
		return this.#report.known();
	}

	/** Soon after a full scan: most often there is nothing new, which a quick one tells cheaply. */
	#requestQuickScan(): void {
		if (this.#running) {
			void this.#reader.quick().then(() => this.#steps.request());
		}
	}

	async #reconcile(): Promise<FirewallChange> {
		const record = { open: [], close: [] };
		this.#records.add(record);
		this.#recheckHolders = true;
		this.#enforcer.invalidate();
		await this.scanned();
		// A second search decides about servers that the first one missed.
		await this.scanned();
		this.#records.delete(record);
		return record;
	}

	/** Never rejects. One at a time, see `BoundedRunner`. */
	async #step(): Promise<void> {
		let scan: ScanResult;
		try {
			scan = this.#scan();
			this.#failures.kernelRead();
		} catch (error) {
			// Unknown is not the same as gone: leave everything as it is.
			this.#failures.kernelUnreadable(error);
			return;
		}
		if (scan.unconfirmed) {
			this.#timers.after(UNCONFIRMED_RESCAN_MS, () => this.#requestQuickScan());
		}
		// Most scans of a burst find nothing new.
		if (!this.#running || !(scan.changed || this.#needsDecision || !this.#enforcer.inSync)) {
			return;
		}
		const { wanted, change, refused } = this.#evaluator.decide(this.#needsDecision || !this.#enforcer.inSync);
		this.#needsDecision = false;
		for (const { socket, refusal } of refused) {
			this.#refusalLog.add(socket, refusal);
		}
		this.#report.enforcingSince = this.#dependencies.clock.now();
		const enforced = await this.#enforcer.enforce(wanted, change).finally(() => {
			this.#report.enforcingSince = Number.POSITIVE_INFINITY;
		});
		this.#conclude(enforced);
	}

	#scan(): ScanResult {
		const { clock } = this.#dependencies;
		const began = clock.now();
		const recheckHolders = this.#recheckHolders;
		const { claimants } = this.#answers;
		const result = this.#evaluator.scan(this.#reader.sockets, { recheckHolders, claimants });
		this.#recheckHolders = false;
		if (recheckHolders) {
			this.#needsDecision = true;
			const at = clock.now();
			this.#lastRecheck = { at, tookMs: at - began };
		}
		return result;
	}

	#conclude({ open, close, repaired, failure }: Enforced): void {
		const { log, settled } = this.#dependencies;
		if (repaired.length > 0) {
			log("firewall.repaired", { openings: repaired.map(openingKey) });
		}
		for (const port of withOwners(without(open, repaired), this.#evaluator)) {
			log("port.opened", { ...port });
		}
		for (const opening of close) {
			log("port.closed", { ...opening });
		}
		if (open.length > 0) {
			this.#secondHolders.soon();
			this.#reachability.look(open);
		}
		for (const record of this.#records) {
			record.open.push(...open);
			record.close.push(...close);
		}
		if (failure === undefined) {
			this.#failures.firewallWorked();
			settled?.();
		} else {
			this.#failures.firewallFailed(failure);
		}
		this.#flowCuts.add(close);
	}

	#socketAt(opening: Opening): UdpSocket | undefined {
		let sockets = this.#evaluator.table;
		try {
			sockets = this.#reader.sockets;
		} catch {
			// The kernel cannot be read now: what was read before counts.
		}
		return socketAt(sockets, opening);
	}

	#createAnswers(): Answers {
		return new Answers({
			readPort: (port) => this.#reader.port(port),
			step: () => this.#steps.request(),
			socketAt: (opening) => this.#socketAt(opening),
			isHeldBy: (opening, pid) => this.#evaluator.isHeldBy(opening, pid),
			addLease: (lease) => this.leases.add(lease),
			refusalOf: (opening) => this.#evaluator.refusalOf(opening),
			isOpen: (opening) => this.#enforcer.isOpen(opening),
			firewallFailure: () => this.#failures.firewallFailure,
			statusOf: (opening) => this.#report.ofPort(opening),
			shut: (opening) => {
				const onPort = this.#evaluator.sessionsAt(new Set([opening.port]));
				return this.#reachability.refusalOf(
					openingsOf(
						opening,
						onPort.map(({ socket }) => socket),
					),
				);
			},
		});
	}

	#createReport(): StatusReport {
		const { firewall, reason, explain, unserved, clock } = this.#dependencies;
		return new StatusReport(
			{
				firewall,
				reason,
				explain,
				evaluator: this.#evaluator,
				enforcer: this.#enforcer,
				failures: this.#failures,
				problems: this.#problems,
				rescan: () => {
					this.#recheckHolders = true;
					return this.scanned();
				},
				lastRescan: () => this.#lastRecheck,
				guard: () => ({
					running: this.#running,
					...(this.#running ? { pid: process.pid, upSeconds: seconds(clock.now() - this.#startedAt) } : {}),
					armedSeconds: seconds(this.alertMs),
					leases: this.leases.count,
				}),
				clock,
			},
			unserved,
		);
	}

	#createSecondHolderWatch(): SecondHolderWatch {
		const { descriptors, log, clock } = this.#dependencies;
		const search = new SecondHolderSearch(descriptors);
		return new SecondHolderWatch({
			find: (sockets) => search.find(sockets),
			sessions: () => this.#evaluator.sessions,
			recheckHolders: () => {
				this.#recheckHolders = true;
				return this.scanned();
			},
			changed: () => {
				this.#needsDecision = true;
				this.requestScan();
			},
			failed: (error) => log("holders.failed", { cause: messageOf(error) }),
			timers: this.#timers,
			clock,
		});
	}

	#createTriggerSet(scans: Scans): TriggerSet {
		const { triggers, firewall, clock, log, watchOtherRules, rulesChanged } = this.#dependencies;
		return new TriggerSet({
			triggers,
			firewall,
			watchOtherRules,
			clock,
			log,
			problems: this.#problems,
			scans,
			scanPort: (port) => void this.scanPort(port),
			firewallChanged: () => {
				this.#enforcer.invalidate();
				this.requestScan();
				this.#reachability.rulesChanged();
				rulesChanged?.();
			},
			otherRulesChanged: () => {
				this.#reachability.rulesChanged();
				rulesChanged?.();
			},
		});
	}
}
