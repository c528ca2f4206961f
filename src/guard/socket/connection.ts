/** One client of the guard's sockets: reads its requests, none of which is trusted, answers them, and holds its lease. */

import type { Socket } from "node:net";
import { FirewallError } from "../../firewall/errors.js";
import {
	type Answer,
	decodeRequest,
	encode,
	LineReader,
	MAX_REQUEST_LINE,
	type Request,
} from "../../guard-protocol/messages.js";
import { addressFromText, isLoopback } from "../../system/addresses.js";
import type { Clock } from "../../system/clock.js";
import { messageOf } from "../../system/errors.js";
import { RateLimiter } from "../../system/rate-limiter.js";
import type { Guard } from "../guard.js";
import { publicStatus } from "../report/status.js";
import { explainRefusal } from "../sessions/admissions.js";
import type { Lease } from "../sessions/leases.js";
import { REFUSALS, type Refusal } from "../sessions/refusals.js";
import type { UserQuota } from "./user-quota.js";

/** Messages per connection: at once, and per second after that. A busy session sends an update per second. */
const MESSAGES_AT_ONCE = 20;
const MESSAGES_PER_SECOND = 5;
/** Requests whose answers are pending. An honest client sends one and waits. */
const MAX_PENDING = 2 * MESSAGES_AT_ONCE;
/** A client that has not read its answer by then is dropped. */
const READ_TIMEOUT_MS = 2000;

export interface ConnectionEvents {
	/** It holds a lease now, or is a session on loopback: it may stay connected. */
	leased(): void;
	/** An anonymous client has reported a session of this user, whose port is open. */
	reportedFor(uid: number): void;
	dropped(reason: string): void;
	/** Whether an unprivileged client may have the firewall's rules read back now. */
	maySync(): boolean;
	/** Called when the client, a guard that starts, has been told that this guard ends. Undefined if this guard does not hand over. */
	readonly yielded: (() => void) | undefined;
}

export class GuardConnection {
	readonly #socket: Socket;
	readonly #guard: Guard;
	readonly #quota: UserQuota;
	readonly #events: ConnectionEvents;
	readonly #limiter: RateLimiter;
	readonly #lines = new LineReader(MAX_REQUEST_LINE - 1);
	#lease: Lease | undefined;
	#isLoopback = false;
	/** Requests are answered in the order they came. */
	#turn: Promise<void> = Promise.resolve();
	#pending = 0;

	constructor(socket: Socket, guard: Guard, quota: UserQuota, clock: Clock, events: ConnectionEvents) {
		this.#socket = socket;
		this.#guard = guard;
		this.#quota = quota;
		this.#limiter = new RateLimiter(MESSAGES_AT_ONCE, MESSAGES_PER_SECOND, clock);
		this.#events = events;
	}

	start(): void {
		this.#socket.setEncoding("utf8");
		this.#socket.on("data", (text: string) => this.#read(text));
		this.#socket.on("error", () => this.#socket.destroy());
		this.#socket.on("close", () => this.#end());
	}

	drop(reason: string): void {
		if (this.#socket.destroyed) {
			return;
		}
		this.#events.dropped(reason);
		this.#socket.destroy();
	}

	#read(text: string): void {
		const lines = this.#lines.push(text);
		if (lines === undefined) {
			this.#fail("bad-message", "the line is too long");
			return;
		}
		for (const line of lines) {
			if (this.#limiter.take() > 0 || this.#pending >= MAX_PENDING) {
				this.#fail("too-fast", "too many messages");
				return;
			}
			const request = decodeRequest(line);
			if ("error" in request) {
				this.#fail("bad-message", request.error);
				return;
			}
			this.#pending++;
			this.#turn = this.#turn.then(() => this.#serve(request)).finally(() => this.#pending--);
		}
	}

	async #serve(request: Request): Promise<void> {
		if (this.#socket.destroyed) {
			return;
		}
		// Costs nothing but its line.
		if (request.type === "update") {
			if (this.#lease !== undefined) {
				this.#guard.updateLease(this.#lease, request);
			}
			return;
		}
		if (!(await this.#quota.admitRequest())) {
			this.#fail("too-fast", "too many requests of this user");
			return;
		}
		if (this.#socket.destroyed) {
			return;
		}
		try {
			if (request.type === "status") {
				await this.#quota.oneAtATime(() => this.#status());
			} else {
				await this.#send(await this.#answer(request));
			}
		} catch (error) {
			await this.#send({
				type: "error",
				code: error instanceof FirewallError ? "firewall-failed" : "failed",
				reason: messageOf(error),
			});
		}
	}

	/** The answer may be long: it is computed when the client's user has read the previous one. */
	async #status(): Promise<void> {
		if (this.#socket.destroyed) {
			return;
		}
		const { isRoot } = this.#quota;
		const status = isRoot
			? await this.#guard.currentStatus()
			: publicStatus(await this.#guard.recentStatus());
		await this.#send({ type: "status", status });
	}

	async #answer(request: Exclude<Request, { type: "update" | "status" }>): Promise<Answer> {
		const guard = this.#guard;
		const { isRoot } = this.#quota;
		switch (request.type) {
			case "report":
				return await this.#report(request);
			case "ask":
				return this.#verdict(await guard.answer(canonical(request)));
			case "sync": {
				if (!isRoot && !this.#events.maySync()) {
					return tooFast("sync is rate limited: try again in 10 s, or as root");
				}
				const dryRun = request.dryRun === true;
				const { open, close } = dryRun ? await guard.plan() : await guard.reconcile();
				return { type: "synced", opened: open, closed: close, dryRun };
			}
			case "arm":
				guard.alert(request.seconds);
				return { type: "armed", seconds: request.seconds };
			case "close": {
				if (!isRoot) {
					return notPermitted("only root may close a port");
				}
				const dryRun = request.dryRun === true;
				const closed = await guard.closePort(request.port, dryRun);
				return { type: "synced", opened: [], closed, dryRun };
			}
			case "yield": {
				if (!isRoot) {
					return notPermitted("only root may ask the guard to hand over");
				}
				const { yielded } = this.#events;
				if (yielded === undefined) {
					return notPermitted("this guard does not hand over");
				}
				setImmediate(yielded);
				return { type: "yielded" };
			}
		}
	}

	async #report(request: Extract<Request, { type: "report" }>): Promise<Answer> {
		if (this.#lease !== undefined) {
			return { type: "error", code: "bad-message", reason: "a connection carries one report" };
		}
		const opening = canonical(request);
		if (isLoopback(opening)) {
			this.#keepForLoopback();
			return this.#verdict(undefined);
		}
		const { uid } = this.#quota;
		const lease: Lease = { opening, pid: request.pid, uid, ended: (reason) => this.drop(reason) };
		this.#lease = lease;
		const refusal = await this.#guard.report(lease);
		// A report that names no socket, or another user's, gives no right to stay connected.
		if (this.#guard.leases.has(lease)) {
			this.#events.leased();
		} else {
			this.#lease = undefined;
		}
		const owner = this.#guard.ownerOf(opening);
		if (uid === undefined && refusal === undefined && owner !== undefined) {
			this.#events.reportedFor(owner);
		}
		return this.#verdict(refusal);
	}

	/** No firewall filters its port, so it gets no lease. It may stay connected, with as many others as a user may have sessions. */
	#keepForLoopback(): void {
		if (this.#isLoopback || this.#quota.loopback >= this.#quota.sessions) {
			return;
		}
		this.#isLoopback = true;
		this.#quota.loopback++;
		this.#events.leased();
	}

	#verdict(refusal: Refusal | undefined): Answer {
		if (refusal === undefined) {
			return { type: "open" };
		}
		const isForAll = this.#quota.isRoot || NAMES_NO_ONE.has(refusal.code);
		const reason = isForAll ? explainRefusal(refusal) : REFUSALS[refusal.code];
		return { type: "refused", code: refusal.code, reason };
	}

	/** Resolves when the socket's buffer has room again, so that at most one answer is unread. */
	async #send(answer: Answer): Promise<void> {
		if (this.#socket.destroyed || this.#socket.write(encode(answer))) {
			return;
		}
		await new Promise<void>((resolve) => {
			const timeout = setTimeout(() => this.drop("does not read its answers"), READ_TIMEOUT_MS);
			const done = () => {
				clearTimeout(timeout);
				this.#socket.off("drain", done).off("close", done);
				resolve();
			};
			this.#socket.on("drain", done).on("close", done);
		});
	}

	#fail(code: "bad-message" | "too-fast", reason: string): void {
		void this.#send({ type: "error", code, reason });
		this.#events.dropped(reason);
		this.#socket.removeAllListeners("data");
		this.#socket.resume();
		this.#socket.destroySoon();
	}

	#end(): void {
		if (this.#isLoopback) {
			this.#quota.loopback--;
		}
		this.#isLoopback = false;
		if (this.#lease === undefined) {
			return;
		}
		this.#guard.leases.remove(this.#lease);
		// When a lease ends, its server has usually ended.
		void this.#guard.scanPort(this.#lease.opening.port);
		this.#lease = undefined;
	}
}

/** Refusals whose detail is about rules of the host, which the status shows to everybody. */
const NAMES_NO_ONE: ReadonlySet<string> = new Set(["blocked", "unverified", "firewall-failed"]);

function notPermitted(reason: string): Answer {
	return { type: "error", code: "not-permitted", reason };
}

function tooFast(reason: string): Answer {
	return { type: "error", code: "too-fast", reason };
}

/** The client may write its address differently than the kernel. Text that is no address is kept; it matches no socket. */
function canonical({ family, address, port }: { family: "ipv4" | "ipv6"; address: string; port: number }) {
	const local = addressFromText(family, address) ?? { family, address };
	return { ...local, port };
}
