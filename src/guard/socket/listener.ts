/** The guard's unix sockets: one for root, one for each user, and the public one. Limits what any client may cost. */

import type { Socket } from "node:net";
import type { Rate } from "../../system/bounded-runner.js";
import type { Clock } from "../../system/clock.js";
import { messageOf } from "../../system/errors.js";
import { RateLimiter } from "../../system/rate-limiter.js";
import type { Guard } from "../guard.js";
import type { GuardLog } from "../report/events.js";
import { GuardConnection } from "./connection.js";
import { ListeningSocket } from "./listening-socket.js";
import { type ClientKind, UserQuota } from "./user-quota.js";
import { UserSockets } from "./user-sockets.js";

/** Connections of one user without a lease. A new one beyond that replaces the oldest. */
const MAX_WITHOUT_LEASE = 32;
/** The same for anonymous clients, who may be many users. */
const MAX_ANONYMOUS = 128;
/** An honest client without a lease asks and disconnects; one that stays longer is disconnected. */
const WITHOUT_LEASE_MS = 10_000;

/** In all; each takes some 10 kB. Beyond that, the user with most connections without a lease loses the oldest. */
const MAX_CONNECTIONS = 4096;

/** Rates of new connections. All sessions of a user connect at once after the guard is restarted. */
const USER_RATE: Rate = { atOnce: 60, perSecond: 20 };
const ANONYMOUS_RATE: Rate = { atOnce: 200, perSecond: 100 };

/** Reading the firewall back may take long, and everybody waits: the rate for all unprivileged clients together. */
const SYNC_RATE: Rate = { atOnce: 2, perSecond: 0.1 };

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
	readonly #fixedSockets: ListeningSocket[] = [];
	readonly #userSockets: UserSockets;
	/** Connections without a lease. */
	readonly #withoutLease = new Map<UserQuota, Map<GuardConnection, NodeJS.Timeout>>();
	readonly #connected = new Set<Socket>();
	readonly #syncs: RateLimiter;
	#userSocketFailed = false;

	/**
	 * @param admit grants a user access to a socket
	 * @param yielded for an on-demand guard: called when a permanent guard takes over
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
		this.#syncs = new RateLimiter(SYNC_RATE.atOnce, SYNC_RATE.perSecond, clock);
		this.#userSockets = new UserSockets({
			folder: paths.users,
			logins: paths.logins,
			create: (uid, path) =>
				this.#listeningSocket(path, 0o600, this.#quota("user", uid), userRate(guard.perUser), (made) =>
					admit(made, uid),
				),
			failed: (cause) => this.#onUserSocketFailure(cause),
		});
	}

	/**
	 * Only under the guard's lock.
	 * @param uids users who are likely to connect; their sockets may be created a little later. Must not reject.
	 */
	async start(uids: readonly number[] | Promise<readonly number[]> = []): Promise<void> {
		this.#userSockets.start();
		for (const uid of this.#guard.uids) {
			await this.#userSockets.ensure(uid);
		}
		this.#fixedSockets.push(this.#listeningSocket(this.#paths.admin, 0o600, this.#quota("root", 0)));
		this.#fixedSockets.push(
			this.#listeningSocket(this.#paths.public, 0o666, this.#quota("anonymous"), ANONYMOUS_RATE),
		);
		for (const socket of this.#fixedSockets) {
			await socket.open();
		}
		void Promise.resolve(uids).then((likely) => this.#userSockets.ensureAll(likely));
	}

	get connections(): number {
		return this.#connected.size;
	}

	async stop(): Promise<void> {
		this.#userSockets.stop();
		for (const socket of this.#fixedSockets.splice(0)) {
			socket.close();
		}
		const closed = [...this.#connected].map(
			(socket) => new Promise((resolve) => socket.once("close", resolve)),
		);
		for (const socket of this.#connected) {
			socket.destroy();
		}
		await Promise.all(closed);
	}

	#quota(kind: ClientKind, uid?: number): UserQuota {
		return new UserQuota(kind, uid, this.#guard.perUser, this.#clock);
	}

	#listeningSocket(
		path: string,
		mode: number,
		quota: UserQuota,
		rate?: Rate,
		admit?: (path: string) => Promise<void>,
	): ListeningSocket {
		return new ListeningSocket({
			path,
			mode,
			...(admit === undefined ? {} : { admit }),
			...(rate === undefined ? {} : { rate }),
			clock: this.#clock,
			accept: (socket) => this.#accept(socket, quota),
			failed: (cause) => this.#log("listener.failed", { path, cause: messageOf(cause) }),
		});
	}

	/** Logged once: what prevents one socket from being created prevents all. */
	#onUserSocketFailure(cause: unknown): void {
		const path = this.#paths.users;
		if (!this.#userSocketFailed) {
			this.#log("listener.failed", { path, cause: messageOf(cause) });
		}
		this.#userSocketFailed = true;
	}

	#accept(socket: Socket, quota: UserQuota): void {
		this.#connected.add(socket);
		const connection = new GuardConnection(socket, this.#guard, quota, this.#clock, {
			leased: () => this.#stopTimeout(quota, connection),
			reportedFor: (uid) => void this.#userSockets.ensure(uid),
			dropped: (reason) => this.#log("connection.dropped", { uid: quota.uid, reason }),
			maySync: () => this.#syncs.takeWithin(0) === 0,
			yielded: this.#yielded,
		});
		socket.on("close", () => {
			this.#connected.delete(socket);
			this.#stopTimeout(quota, connection);
		});
		connection.start();
		if (quota.isRoot) {
			return;
		}
		const others = this.#withoutLease.get(quota) ?? new Map<GuardConnection, NodeJS.Timeout>();
		this.#withoutLease.set(quota, others);
		const max = quota.kind === "anonymous" ? MAX_ANONYMOUS : Math.max(MAX_WITHOUT_LEASE, quota.sessions);
		const [oldest] = others.keys();
		if (others.size >= max) {
			oldest?.drop("too many connections without a lease");
		}
		const timer = setTimeout(() => connection.drop("no lease in time"), WITHOUT_LEASE_MS);
		others.set(connection, timer);
		if (this.#connected.size > MAX_CONNECTIONS) {
			this.#dropOldestOfLargest();
		}
	}

	#dropOldestOfLargest(): void {
		const [largest] = [...this.#withoutLease.values()].sort((a, b) => b.size - a.size);
		const [oldest] = largest?.keys() ?? [];
		oldest?.drop("too many connections");
	}

	#stopTimeout(quota: UserQuota, connection: GuardConnection): void {
		const others = this.#withoutLease.get(quota);
		clearTimeout(others?.get(connection));
		others?.delete(connection);
	}
}

function userRate(sessions: number): Rate {
	return { ...USER_RATE, atOnce: Math.max(USER_RATE.atOnce, 2 * sessions) };
}
