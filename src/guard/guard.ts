/**
 * The guard: opens the ports that live, genuine, permitted mosh-servers hold, and no other.
 *
 * Everything that happens (a pty, a destroyed socket, a report, a firewall reload, a timer) only wakes it. What is open is
 * then computed anew from the kernel's tables and the policy, in one step that never runs twice at once.
 * The constructor does nothing; `stop` undoes `start`.
 */

import type { Firewall, FirewallChange, Opening } from "../firewall/firewall.js";
import { openingKey, without } from "../firewall/opening.js";
import { isLoopback } from "../system/addresses.js";
import { BoundedRunner } from "../system/bounded-runner.js";
import type { Clock } from "../system/clock.js";
import { messageOf } from "../system/errors.js";
import { SerialQueue } from "../system/serial-queue.js";
import { TimerGroup } from "../system/timer-group.js";
import { Enforcer } from "./enforcer.js";
import { Failures } from "./failures.js";
import type { DescriptorSource } from "./kernel/descriptors.js";
import type { ProcessTable } from "./kernel/processes.js";
import { SocketReader } from "./kernel/socket-reader.js";
import type { SocketTable } from "./kernel/sockets.js";
import type { PortRange, UdpSocket } from "./kernel/udp-socket.js";
import { reconcile } from "./reconcile.js";
import type { GuardLog } from "./report/events.js";
import { overview, seconds } from "./report/overview.js";
import { Problems, unknownNames } from "./report/problems.js";
import { RefusalLog } from "./report/refusal-log.js";
import { STATUS_SCHEMA, type Status } from "./report/status.js";
import { Admissions } from "./sessions/admissions.js";
import type { Home } from "./sessions/identity.js";
import { type Lease, Leases } from "./sessions/leases.js";
import { withOwners } from "./sessions/owners.js";
import { openingsOf } from "./sessions/policy.js";
import type { Refusal } from "./sessions/refusals.js";
import { SecondHolderWatch } from "./sessions/second-holder-watch.js";
import { SecondHolderSearch } from "./sessions/second-holders.js";
import { type ScanResult, SessionTracker } from "./sessions/tracker.js";
import type { Settings } from "./settings.js";
import { AlertMode } from "./triggers/alert-mode.js";
import type { Trigger } from "./triggers/kernel-events.js";
import { TriggerSet } from "./triggers/trigger-set.js";

/**
 * Cuts the flows of a closed port. Every firewall here lets established flows pass before it asks about ports, so without
 * this a client could go on sending to whichever program binds the port next.
 */
export interface FlowCutter {
	cut(openings: readonly Opening[]): Promise<void>;
}

export interface GuardParts {
	readonly firewall: Firewall;
	/** Why this firewall, in one sentence. */
	readonly reason: string;
	readonly sockets: SocketTable;
	readonly processes: ProcessTable;
	readonly descriptors: DescriptorSource;
	readonly home: Home;
	readonly triggers: readonly Trigger[];
	readonly flows: FlowCutter;
	readonly clock: Clock;
	readonly log: GuardLog;
	/** Called after a step that left the firewall as wanted: what is open, or whose it is, may have changed. */
	readonly settled?: () => void;
}

/**
 * Everything is looked at again this often, in case an event was lost: an event is a hint, a sweep is the promise.
 * Beside 100 sessions one sweep costs 40 to 80 ms of CPU, the firewall's commands included: 0.1 % of a core. The leases of
 * nftables (`REARM_BELOW_S`) bear no slower pace.
 */
export const SWEEP_MS = 60_000;
/** A server that one search lacked is looked for again this soon; by then it has left the foreground. */
const DOUBT_MS = 2;
/** Sockets that are looked at beside those that may have a port: refusals are shown too. */
const MORE_SOCKETS_PER_USER = 64;
/**
 * What stood open when this guard began belongs to sessions that report again within 7.5 s (`RECONNECT_MS` in wire/client.ts); so
 * long the weaker form of server does without its report.
 */
const REPORTS_AGAIN_MS = 10_000;
/** A report may come before its process is seen to hold the socket. */
const ANSWER_AFTER_MS = [0, 2, 5, 15, 40, 100] as const;

export class Guard {
	readonly #parts: GuardParts;
	readonly #tracker: SessionTracker;
	readonly #enforcer: Enforcer;
	readonly #secondHolders: SecondHolderWatch;
	readonly #admissions = new Admissions((socket) => this.#secondHolders.refusalOf(socket));
	readonly #problems = new Problems();
	readonly #setbacks: Failures;
	readonly #refusals: RefusalLog;
	readonly #reader: SocketReader;
	readonly #flight: BoundedRunner;
	readonly #flowCuts = new SerialQueue();
	readonly #timers = new TimerGroup();
	readonly #arming: AlertMode;
	readonly #senses: TriggerSet;
	readonly leases = new Leases();
	/** Reports that are being looked into: where a holder is looked for first. */
	readonly #claims: Lease[] = [];
	#settings: Settings;
	#running = false;
	#startedAt = 0;
	#thorough = true;
	/** When the last thorough look was, and how long it kept the guard from everything else. */
	#lastThorough = { at: Number.NEGATIVE_INFINITY, took: 0 };
	/** Something besides sockets and reports has changed that verdicts depend on. */
	#rejudge = true;
	/** One for each `reconcile` under way: what has changed since it began. */
	readonly #records = new Set<{ open: Opening[]; close: Opening[] }>();
	/** Keys of what was open before this guard, until their sessions must have reported. */
	readonly #inherited = new Set<string>();

	constructor(parts: GuardParts, settings: Settings) {
		this.#parts = parts;
		this.#settings = settings;
		this.#tracker = new SessionTracker(parts.processes, parts.home);
		this.#reader = new SocketReader(parts.sockets, () => this.#settings.policy.ports, parts.clock);
		this.#enforcer = new Enforcer(parts.firewall);
		this.#flight = new BoundedRunner(() => this.#step(), parts.clock);
		this.#setbacks = new Failures({
			problems: this.#problems,
			log: parts.log,
			timers: this.#timers,
			retry: () => this.wake(),
		});
		this.#refusals = new RefusalLog({
			log: parts.log,
			clock: parts.clock,
			timers: this.#timers,
			refusalOf: (socket) => this.#admissions.refusalOf(socket),
		});
		const search = new SecondHolderSearch(parts.descriptors);
		this.#secondHolders = new SecondHolderWatch({
			find: (sockets) => search.find(sockets),
			sessions: () => this.#tracker.sessions,
			identifyAgain: () => {
				this.#thorough = true;
				return this.#look();
			},
			changed: () => {
				this.#rejudge = true;
				this.wake();
			},
			failed: (error) => this.#parts.log("holders.failed", { cause: messageOf(error) }),
			timers: this.#timers,
			clock: parts.clock,
		});
		const looks = { look: () => this.wake(), glance: () => this.#glance() };
		this.#arming = new AlertMode(parts.clock, this.#timers, looks);
		this.#senses = new TriggerSet({
			...parts,
			problems: this.#problems,
			...looks,
			lookAt: (port) => void this.lookAt(port),
			firewallChanged: () => {
				this.#enforcer.doubt();
				this.wake();
			},
		});
	}

	/** One reconcile has been tried when it resolves. A firewall that fails is a problem to report, not a reason to give up. */
	async start(): Promise<void> {
		this.#running = true;
		this.#timers.start();
		this.#startedAt = this.#parts.clock.now();
		await this.#senses.start();
		this.#inherit(await this.#leftOpen());
		await this.reconcile();
		this.#timers.after(REPORTS_AGAIN_MS, () => {
			this.#inherited.clear();
			this.#thorough = true;
			this.wake();
		});
		this.#timers.every(SWEEP_MS, () => {
			this.#thorough = true;
			this.#enforcer.doubt();
			this.wake();
			void this.#secondHolders.search();
		});
		this.#parts.log("guard.started", { firewall: this.#parts.firewall.name, reason: this.#parts.reason });
	}

	/** `leaveOpen`: for a guard that ends while sessions go on. Rejects when the firewall could not be cleared. */
	async stop({ leaveOpen = false } = {}): Promise<void> {
		if (!this.#running) return;
		this.#running = false;
		this.#timers.stop();
		await this.#senses.stop();
		// The step under way ends first: clearing beneath it would leave what it opens.
		await this.#flight.request();
		try {
			if (!leaveOpen) await this.#enforcer.clear();
			await this.#flowCuts.run(async () => undefined);
		} finally {
			this.#parts.log("guard.stopped", { leaveOpen });
		}
	}

	/** Look now. Cheap to call often. */
	wake(): void {
		if (this.#running) void this.#look();
	}

	/** Resolves when a look that began after the call has been completed: a sign of life. */
	async looked(): Promise<void> {
		await this.#look();
	}

	/** Everything anew, the rules read back from the firewall; resolves with what changed. */
	async reconcile(): Promise<FirewallChange> {
		const record = { open: [], close: [] };
		this.#records.add(record);
		this.#thorough = true;
		this.#enforcer.doubt();
		await this.#look();
		// A second search decides about servers that the first one lacked.
		await this.#look();
		this.#records.delete(record);
		return record;
	}

	/** `reconcile` for somebody who wants to know: rejects with what kept it from its work. */
	async sync(): Promise<FirewallChange> {
		const change = await this.reconcile();
		this.#setbacks.throwLast();
		return change;
	}

	/** For a guard that is not running and will not: one `sync`, and what it opened stays. */
	async reconcileOnce(): Promise<FirewallChange> {
		this.#running = true;
		try {
			this.#inherit(await this.#leftOpen());
			return await this.sync();
		} finally {
			await this.stop({ leaveOpen: true });
		}
	}

	/** What `reconcile` would change. Rejects with the firewall's error. */
	async plan(): Promise<FirewallChange> {
		const actual = await this.#parts.firewall.list();
		if (!this.#running) {
			this.#inherit(actual);
			return reconcile(await this.#lookAround(), actual);
		}
		// Asking changes nothing: the sessions as the guard's own work knows them, beside what the firewall says.
		await this.#look();
		return reconcile(this.#standing(), actual);
	}

	/** The status as a guard would see it that does not run. A firewall that cannot be read is a problem in it. */
	async inspect(): Promise<Status> {
		try {
			await this.#enforcer.look();
		} catch (error) {
			this.#problems.set("firewall-failed", `The firewall cannot be read: ${messageOf(error)}`);
		}
		this.#inherit(this.#enforcer.openings);
		await this.#lookAround();
		return this.status();
	}

	/** A login is under way: look closely for `seconds`. */
	arm(seconds: number): void {
		this.#parts.log("guard.armed", { seconds });
		this.#arming.arm(seconds);
	}

	/** Milliseconds for which an announced login is still looked out for. */
	get armedMs(): number {
		return this.#arming.leftMs;
	}

	/** Whether some session is allowed a port now. */
	get serves(): boolean {
		return this.#tracker.sessions.some(({ standing, socket }) => standing && !isLoopback(socket));
	}

	/** Whether a socket that was seen last has the port: of no other does the end matter. */
	knows(port: number): boolean {
		return this.#tracker.knows(port);
	}

	/**
	 * Keeps a port shut until the servers that hold it now have ended. Resolves with what was closed; rejects with what kept
	 * it from closing, and then tries on.
	 */
	async closePort(port: number, dryRun: boolean): Promise<Opening[]> {
		const closing = this.#enforcer.openings.filter((opening) => opening.port === port);
		if (dryRun) return closing;
		for (const session of this.#tracker.sessions) {
			if (session.socket.port === port) session.closedByAdmin = true;
		}
		this.#rejudge = true;
		await this.#look();
		this.#setbacks.throwLast();
		return closing.filter((opening) => !this.#enforcer.isOpen(opening));
	}

	/** New settings hold from the next step on, which is at once. */
	async apply(settings: Settings): Promise<void> {
		const { first, last } = this.#settings.policy.ports;
		this.#settings = settings;
		this.#thorough = true;
		const { ports } = settings.policy;
		// What tells of the range's sockets was told the old one.
		if (this.#running && (ports.first !== first || ports.last !== last)) {
			await this.#senses.stop();
			await this.#senses.start();
		}
		await this.#look();
	}

	/** Undefined once the socket's port is open; else why it is not. Waits while that may still change by itself. */
	async answer(opening: Opening): Promise<Refusal | undefined> {
		if (isLoopback(opening)) return undefined;
		return await this.#answer(opening);
	}

	/**
	 * The answer to a report, whose lease stands from then on if its process really holds the socket: whatever the verdict,
	 * since that may change.
	 */
	async report(lease: Lease): Promise<Refusal | undefined> {
		const { opening, pid, uid } = lease;
		if (isLoopback(opening)) return undefined;
		this.#claims.push(lease);
		try {
			return await this.#answer(
				opening,
				(socket) => (uid === undefined || uid === socket.uid ? undefined : { code: "wrong-user" }),
				async () => {
					if (!this.#tracker.isHeldBy(opening, pid) || !this.leases.add(lease)) return;
					await this.#flight.request();
				},
			);
		} finally {
			this.#claims.splice(this.#claims.indexOf(lease), 1);
		}
	}

	/** Whose a socket is; undefined for one that was not listed last. */
	ownerOf(opening: Opening): number | undefined {
		return this.#boundAt(opening)?.uid;
	}

	/** Whose sessions are allowed a port. */
	get uids(): readonly number[] {
		const served = this.#tracker.sessions.filter(({ standing }) => standing);
		return [...new Set(served.map(({ socket }) => socket.uid))];
	}

	/** Ports that may be open at all. */
	get ports(): PortRange {
		return this.#settings.policy.ports;
	}

	/** So many sockets of one user are looked at, each of which costs a search among the processes. */
	get socketsPerUser(): number {
		return this.perUser + MORE_SOCKETS_PER_USER;
	}

	/** How many ports a user may have open. */
	get perUser(): number {
		return this.#settings.policy.perUser;
	}

	/** Look at this port now, whatever the others do. */
	async lookAt(port: number): Promise<void> {
		if (!this.#running) return;
		await this.#reader.port(port);
		await this.#flight.request();
	}

	updated(lease: Lease, update: Parameters<Leases["update"]>[1]): void {
		this.leases.update(lease, update, this.#parts.clock.now());
	}

	/** The status after a look at every session: the process that holds a socket may not be the one that bound it. */
	async currentStatus(): Promise<Status> {
		this.#thorough = true;
		await this.#look();
		return this.status();
	}

	/** The same for those who may ask as often as they like: such a look is made no oftener than a fraction of the time allows. */
	async recentStatus(): Promise<Status> {
		const { at, took } = this.#lastThorough;
		const age = this.#parts.clock.now() - at;
		return age > Math.max(FRESH_MS, took * THOROUGH_SHARE) ? await this.currentStatus() : this.status();
	}

	status(): Status {
		const { clock, firewall, reason } = this.#parts;
		const now = clock.now();
		return {
			schema: STATUS_SCHEMA,
			guard: {
				running: this.#running,
				...(this.#running ? { pid: process.pid, upSeconds: seconds(now - this.#startedAt) } : {}),
				armedSeconds: seconds(this.armedMs),
				leases: this.leases.count,
			},
			firewall: { name: firewall.name, reason, healthy: this.#enforcer.sure && this.#setbacks.firewallWorks },
			range: this.#settings.policy.ports,
			...overview(this.#admissions.list(), this.#tracker.table, this.#enforcer.openings, this.leases, now),
			problems: [...this.#problems.list(), ...unknownNames(this.#settings)],
		};
	}

	/** Soon after a look: most often there is nothing new. */
	#glance(): void {
		if (this.#running) void this.#reader.glance().then(() => this.#flight.request());
	}

	async #look(): Promise<void> {
		await this.#reader.list();
		await this.#flight.request();
	}

	/**
	 * Looks until the answer no longer changes by itself. `objection` of the socket comes before the verdict; `seen` is called
	 * when the socket and its holder have been looked at.
	 */
	async #answer(
		opening: Opening,
		objection: (socket: UdpSocket) => Refusal | undefined = () => undefined,
		seen: () => Promise<void> = async () => undefined,
	): Promise<Refusal | undefined> {
		let refusal: Refusal | undefined;
		for (const wait of ANSWER_AFTER_MS) {
			if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
			await this.#reader.port(opening.port);
			const socket = this.#boundAt(opening);
			refusal = socket === undefined ? NOT_BOUND : objection(socket);
			if (refusal === undefined) {
				await this.#flight.request();
				await seen();
				refusal = this.#refusalOf(opening);
			}
			if (refusal === undefined || !TRANSIENT.has(refusal.code)) break;
		}
		return refusal;
	}

	/** The socket at an address and port, as far as is known. */
	#boundAt(opening: Opening): UdpSocket | undefined {
		const key = openingKey(opening);
		let sockets = this.#tracker.table;
		try {
			sockets = this.#reader.sockets;
		} catch {
			// What was read before the kernel could not be asked any more.
		}
		return sockets.find((socket) => openingKey(socket) === key);
	}

	async #step(): Promise<void> {
		const { log } = this.#parts;
		let scan: ScanResult;
		try {
			scan = this.#scan(this.#reader.sockets);
			this.#setbacks.kernelRead();
		} catch (error) {
			// "Cannot see" is not "nothing there": leave everything as it is.
			this.#setbacks.kernelUnreadable(error);
			return;
		}
		if (scan.doubtful) this.#timers.after(DOUBT_MS, () => this.#glance());
		// Most scans of a burst find nothing new.
		if (!this.#running || !(scan.changed || this.#rejudge || !this.#enforcer.sure)) return;
		this.#rejudge = false;
		const { open, close, repaired, failure } = await this.#enforcer.enforce(this.#judge());
		if (repaired.length > 0) log("firewall.repaired", { openings: repaired.map(openingKey) });
		for (const port of withOwners(without(open, repaired), this.#tracker)) log("port.opened", { ...port });
		for (const opening of close) log("port.closed", { ...opening });
		if (open.length > 0) this.#secondHolders.soon();
		for (const record of this.#records) {
			record.open.push(...open);
			record.close.push(...close);
		}
		if (failure === undefined) {
			this.#setbacks.firewallObeyed();
			this.#parts.settled?.();
		} else {
			this.#setbacks.firewallFailed(failure);
		}
		// Not awaited: the next login must not wait for it.
		if (close.length > 0) void this.#flowCuts.run(() => this.#cutFlows(close));
	}

	/** Rejects when the kernel's tables cannot be read. */
	async #lookAround(): Promise<Opening[]> {
		await this.#reader.list();
		this.#scan(this.#reader.sockets);
		return this.#judge();
	}

	/** What the sessions have that were allowed a port at the last step. */
	#standing(): Opening[] {
		const { sessions, table } = this.#tracker;
		return sessions.flatMap(({ socket, standing }) => (standing ? openingsOf(socket, table) : []));
	}

	#inherit(open: readonly Opening[]): void {
		for (const opening of open) this.#inherited.add(openingKey(opening));
	}

	/** By a predecessor. Whether the firewall can be read at all shows in the first step. */
	#leftOpen(): Promise<readonly Opening[]> {
		return this.#parts.firewall.list().catch(() => []);
	}

	#scan(table: readonly UdpSocket[]): ScanResult {
		const thorough = this.#thorough;
		const { trust } = this.#settings;
		const began = this.#parts.clock.now();
		const result = this.#tracker.scan({
			table,
			trust,
			now: this.#parts.clock.now(),
			reporters: (opening) => this.leases.reporters(opening),
			claimants: this.#claims,
			reportsVersion: this.leases.version,
			awaited: (opening) => this.#inherited.has(openingKey(opening)),
			thorough,
		});
		this.leases.keepOnly(table);
		if (thorough) {
			this.#rejudge = true;
			const at = this.#parts.clock.now();
			this.#lastThorough = { at, took: at - began };
		}
		this.#thorough = false;
		return result;
	}

	#judge(): Opening[] {
		const { clock } = this.#parts;
		const { wanted, refused } = this.#admissions.judge(this.#tracker, this.#settings.policy, clock.now());
		for (const { socket, refusal } of refused) this.#refusals.tell(socket, refusal);
		return wanted;
	}

	/** Only where no session of ours has that port now: a live one would merely lose datagrams. */
	async #cutFlows(closed: readonly Opening[]): Promise<void> {
		const used = new Set(this.#tracker.sessions.map(({ socket }) => socket.port));
		const idle = closed.filter(({ port }) => !used.has(port));
		if (idle.length === 0) return;
		try {
			await this.#parts.flows.cut(idle);
		} catch (error) {
			this.#parts.log("flows.failed", { cause: messageOf(error) });
		}
	}

	#refusalOf(opening: Opening): Refusal | undefined {
		const refusal = this.#admissions.refusalOf(opening);
		if (refusal !== undefined) return refusal;
		return this.#enforcer.isOpen(opening) ? undefined : { code: "firewall-failed" };
	}
}

/** A status for everybody may be this old, or older where a thorough look takes long: one part in so many of the time. */
const FRESH_MS = 1000;
const THOROUGH_SHARE = 20;

const NOT_BOUND: Refusal = { code: "not-bound" };

/** These may pass within milliseconds, as a login's steps follow each other. */
const TRANSIENT = new Set(["not-bound", "no-holder", "many-holders", "firewall-failed"]);
