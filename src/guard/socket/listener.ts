/** The guard's unix sockets: one for root, one for each user, one for whoever has none. Bounded, whoever connects. */

import type { Socket } from "node:net";
import type { Pace } from "../../system/bounded-runner.js";
import type { Clock } from "../../system/clock.js";
import { messageOf } from "../../system/errors.js";
import { RateLimiter } from "../../system/rate-limiter.js";
import type { Guard } from "../guard.js";
import type { GuardLog } from "../report/events.js";
import { Connection } from "./connection.js";
import { Door } from "./door.js";
import { Party, type Standing } from "./party.js";
import { UserDoors } from "./user-doors.js";

/** Connections of one party that hold no lease. A newcomer takes the place of the one held longest. */
const MOST_WITHOUT_LEASE = 32;
/** Strangers are many parties in one. */
const MOST_STRANGERS = 128;
/** An honest connection without a lease asks and leaves; one that stays silent this long is shown out. */
const WITHOUT_LEASE_MS = 10_000;

/** Of all parties, each of which takes some 10 kB. Beyond it whoever has most without a lease loses the one held longest. */
const MOST_CONNECTIONS = 4096;

/** How fast connections may come. A user's sessions all come at once when the guard is started anew. */
const USER_PACE: Pace = { atOnce: 60, perSecond: 20 };
const STRANGER_PACE: Pace = { atOnce: 200, perSecond: 100 };

/** Reading the firewall back may take as long as it likes, and everybody waits: for all but root together this often. */
const SYNCS: Pace = { atOnce: 2, perSecond: 0.1 };

export interface ListenerPaths {
	readonly public: string;
	readonly admin: string;
	/** Folder of the users' own sockets. */
	readonly users: string;
	/** Folder where logind keeps an entry, named by uid, for each user who is logged in. */
	readonly logins: string;
}

export class Listener {
	readonly #guard: Guard;
	readonly #paths: ListenerPaths;
	readonly #clock: Clock;
	readonly #log: GuardLog;
	readonly #yielded: (() => void) | undefined;
	readonly #doors: Door[] = [];
	readonly #users: UserDoors;
	/** Connections without a lease. */
	readonly #withoutLease = new Map<Party, Map<Connection, NodeJS.Timeout>>();
	readonly #sockets = new Set<Socket>();
	readonly #syncs: RateLimiter;
	#doorsFailed = false;

	/**
	 * `admit`: lets a user use a socket. `yielded`: of an on-demand guard, called when a guard that stays takes over.
	 */
	constructor(
		guard: Guard,
		paths: ListenerPaths,
		clock: Clock,
		log: GuardLog,
		admit: (path: string, uid: number) => Promise<void>,
		yielded?: () => void,
	) {
		this.#guard = guard;
		this.#paths = paths;
		this.#clock = clock;
		this.#log = log;
		this.#yielded = yielded;
		this.#syncs = new RateLimiter(SYNCS.atOnce, SYNCS.perSecond, clock);
		this.#users = new UserDoors({
			folder: paths.users,
			logins: paths.logins,
			door: (uid, path) =>
				this.#door(path, 0o600, this.#party("user", uid), userPace(guard.perUser), (made) =>
					admit(made, uid),
				),
			failed: (cause) => this.#doorFailed(cause),
		});
	}

	/** Only under the guard's lock. `uids`: who is likely to come; theirs may be made a little later. It must not reject. */
	async start(uids: readonly number[] | Promise<readonly number[]> = []): Promise<void> {
		this.#users.start();
		for (const uid of this.#guard.uids) await this.#users.ensure(uid);
		this.#doors.push(this.#door(this.#paths.admin, 0o600, this.#party("root", 0)));
		this.#doors.push(this.#door(this.#paths.public, 0o666, this.#party("stranger"), STRANGER_PACE));
		for (const door of this.#doors) await door.open();
		void Promise.resolve(uids).then((likely) => this.#users.ensureAll(likely));
	}

	get connections(): number {
		return this.#sockets.size;
	}

	async stop(): Promise<void> {
		this.#users.stop();
		for (const door of this.#doors.splice(0)) door.close();
		const closed = [...this.#sockets].map(
			(socket) => new Promise((resolve) => socket.once("close", resolve)),
		);
		for (const socket of this.#sockets) socket.destroy();
		await Promise.all(closed);
	}

	#party(standing: Standing, uid?: number): Party {
		return new Party(standing, uid, this.#guard.perUser, this.#clock);
	}

	#door(
		path: string,
		mode: number,
		party: Party,
		pace?: Pace,
		admit?: (path: string) => Promise<void>,
	): Door {
		return new Door({
			path,
			mode,
			...(admit === undefined ? {} : { admit }),
			...(pace === undefined ? {} : { pace }),
			clock: this.#clock,
			accept: (socket) => this.#accept(socket, party),
			failed: (cause) => this.#log("listener.failed", { path, cause: messageOf(cause) }),
		});
	}

	/** One line is enough: what keeps one from being made keeps all. */
	#doorFailed(cause: unknown): void {
		const path = this.#paths.users;
		if (!this.#doorsFailed) this.#log("listener.failed", { path, cause: messageOf(cause) });
		this.#doorsFailed = true;
	}

	#accept(socket: Socket, party: Party): void {
		this.#sockets.add(socket);
		const connection = new Connection(socket, this.#guard, party, this.#clock, {
			leased: () => this.#acquainted(party, connection),
			vouched: (uid) => void this.#users.ensure(uid),
			dropped: (reason) => this.#log("connection.dropped", { uid: party.uid, reason }),
			maySync: () => this.#syncs.takeWithin(0) === 0,
			yielded: this.#yielded,
		});
		socket.on("close", () => {
			this.#sockets.delete(socket);
			this.#acquainted(party, connection);
		});
		connection.start();
		if (party.isRoot) return;
		const others = this.#withoutLease.get(party) ?? new Map<Connection, NodeJS.Timeout>();
		this.#withoutLease.set(party, others);
		const most =
			party.standing === "stranger" ? MOST_STRANGERS : Math.max(MOST_WITHOUT_LEASE, party.sessions);
		const [longest] = others.keys();
		if (others.size >= most) longest?.drop("too many connections without a lease");
		const timer = setTimeout(() => connection.drop("no lease in time"), WITHOUT_LEASE_MS);
		others.set(connection, timer);
		if (this.#sockets.size > MOST_CONNECTIONS) this.#makeRoom();
	}

	#makeRoom(): void {
		const [largest] = [...this.#withoutLease.values()].sort((a, b) => b.size - a.size);
		const [longest] = largest?.keys() ?? [];
		longest?.drop("too many connections");
	}

	#acquainted(party: Party, connection: Connection): void {
		const others = this.#withoutLease.get(party);
		clearTimeout(others?.get(connection));
		others?.delete(connection);
	}
}

function userPace(sessions: number): Pace {
	return { ...USER_PACE, atOnce: Math.max(USER_PACE.atOnce, 2 * sessions) };
}
