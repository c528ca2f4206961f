/** One client of the guard's socket: its lines in, answers out, its lease while it stands. Trusts nothing it reads. */

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
import type { Party } from "./party.js";

/** Messages a connection may send at once, and per second after that. A busy session sends an update a second. */
const MESSAGES_AT_ONCE = 20;
const MESSAGES_PER_SECOND = 5;
/** Requests that wait for their answers. An honest client sends one and waits. */
const MOST_WAITING = 2 * MESSAGES_AT_ONCE;
/** A client that has not taken its answer by then does not read. */
const UNREAD_MS = 2000;

export interface ConnectionEvents {
	/** It holds a lease now, or is a session on loopback: it may stay. */
	leased(): void;
	/** A stranger has spoken for a session of this user that has its port open. */
	vouched(uid: number): void;
	dropped(reason: string): void;
	/** Whether a reading back of the firewall's rules can be afforded for somebody who is not root. */
	maySync(): boolean;
	/** It was told that this guard ends now. Undefined where the guard yields to nobody. */
	readonly yielded: (() => void) | undefined;
}

export class Connection {
	readonly #socket: Socket;
	readonly #guard: Guard;
	readonly #party: Party;
	readonly #events: ConnectionEvents;
	readonly #allowance: RateLimiter;
	readonly #lines = new LineReader(MAX_REQUEST_LINE - 1);
	#lease: Lease | undefined;
	#isLoopback = false;
	/** Requests are answered in the order they came. */
	#turn: Promise<void> = Promise.resolve();
	#waiting = 0;

	constructor(socket: Socket, guard: Guard, party: Party, clock: Clock, events: ConnectionEvents) {
		this.#socket = socket;
		this.#guard = guard;
		this.#party = party;
		this.#allowance = new RateLimiter(MESSAGES_AT_ONCE, MESSAGES_PER_SECOND, clock);
		this.#events = events;
	}

	start(): void {
		this.#socket.setEncoding("utf8");
		this.#socket.on("data", (text: string) => this.#read(text));
		this.#socket.on("error", () => this.#socket.destroy());
		this.#socket.on("close", () => this.#end());
	}

	drop(reason: string): void {
		if (this.#socket.destroyed) return;
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
			if (this.#allowance.take() > 0 || this.#waiting >= MOST_WAITING) {
				this.#fail("too-fast", "too many messages");
				return;
			}
			const request = decodeRequest(line);
			if ("error" in request) {
				this.#fail("bad-message", request.error);
				return;
			}
			this.#waiting++;
			this.#turn = this.#turn.then(() => this.#serve(request)).finally(() => this.#waiting--);
		}
	}

	async #serve(request: Request): Promise<void> {
		if (this.#socket.destroyed) return;
		// What a session tells of its client costs nothing but its line.
		if (request.type === "update") {
			if (this.#lease !== undefined) this.#guard.updated(this.#lease, request);
			return;
		}
		if (!(await this.#party.mayAsk())) {
			this.#fail("too-fast", "too many requests of this user");
			return;
		}
		if (this.#socket.destroyed) return;
		try {
			if (request.type === "status") await this.#party.oneAtATime(() => this.#status());
			else await this.#send(await this.#answer(request));
		} catch (error) {
			await this.#send({
				type: "error",
				code: error instanceof FirewallError ? "firewall-failed" : "failed",
				reason: messageOf(error),
			});
		}
	}

	/** An answer may be long: it is made when the one before has been taken. */
	async #status(): Promise<void> {
		if (this.#socket.destroyed) return;
		const { isRoot } = this.#party;
		const status = isRoot
			? await this.#guard.currentStatus()
			: publicStatus(await this.#guard.recentStatus());
		await this.#send({ type: "status", status });
	}

	async #answer(request: Exclude<Request, { type: "update" | "status" }>): Promise<Answer> {
		const guard = this.#guard;
		const { isRoot } = this.#party;
		switch (request.type) {
			case "report":
				return await this.#report(request);
			case "ask":
				return this.#verdict(await guard.answer(canonical(request)));
			case "sync": {
				if (!isRoot && !this.#events.maySync())
					return notNow("sync is rate limited: try again in 10 s, or as root");
				const dryRun = request.dryRun === true;
				const { open, close } = dryRun ? await guard.plan() : await guard.sync();
				return { type: "synced", opened: open, closed: close, dryRun };
			}
			case "arm":
				guard.arm(request.seconds);
				return { type: "armed", seconds: request.seconds };
			case "close": {
				if (!isRoot) return notPermitted("only root may close a port");
				const dryRun = request.dryRun === true;
				const closed = await guard.closePort(request.port, dryRun);
				return { type: "synced", opened: [], closed, dryRun };
			}
			case "yield": {
				if (!isRoot) return notPermitted("only root may ask the guard to hand over");
				const { yielded } = this.#events;
				if (yielded === undefined) return notPermitted("this guard does not hand over");
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
			this.#staysForLoopback();
			return this.#verdict(undefined);
		}
		const { uid } = this.#party;
		const lease: Lease = { opening, pid: request.pid, uid, ended: (reason) => this.drop(reason) };
		this.#lease = lease;
		const refusal = await this.#guard.report(lease);
		// Who names a socket that is nobody's, or another's, gets no place to stay.
		if (this.#guard.leases.has(lease)) this.#events.leased();
		else this.#lease = undefined;
		const owner = this.#guard.ownerOf(opening);
		if (uid === undefined && refusal === undefined && owner !== undefined) this.#events.vouched(owner);
		return this.#verdict(refusal);
	}

	/** No firewall filters its port, so nothing is kept of it: it may only stay, with as many others as a user has sessions. */
	#staysForLoopback(): void {
		if (this.#isLoopback || this.#party.loopback >= this.#party.sessions) return;
		this.#isLoopback = true;
		this.#party.loopback++;
		this.#events.leased();
	}

	#verdict(refusal: Refusal | undefined): Answer {
		if (refusal === undefined) return { type: "open" };
		const reason = this.#party.isRoot ? explainRefusal(refusal) : REFUSALS[refusal.code];
		return { type: "refused", code: refusal.code, reason };
	}

	/** Resolves when the client's end has room again, so that what it does not read is bounded by one answer. */
	async #send(answer: Answer): Promise<void> {
		if (this.#socket.destroyed || this.#socket.write(encode(answer))) return;
		await new Promise<void>((resolve) => {
			const unread = setTimeout(() => this.drop("does not read its answers"), UNREAD_MS);
			const done = () => {
				clearTimeout(unread);
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
		if (this.#isLoopback) this.#party.loopback--;
		this.#isLoopback = false;
		if (this.#lease === undefined) return;
		this.#guard.leases.remove(this.#lease);
		// The end of a lease is usually the end of its server.
		void this.#guard.lookAt(this.#lease.opening.port);
		this.#lease = undefined;
	}
}

function notPermitted(reason: string): Answer {
	return { type: "error", code: "not-permitted", reason };
}

function notNow(reason: string): Answer {
	return { type: "error", code: "too-fast", reason };
}

/** The reporter may write its address another way than the kernel. One that is no address stays, and matches no socket. */
function canonical({ family, address, port }: { family: "ipv4" | "ipv6"; address: string; port: number }) {
	const local = addressFromText(family, address) ?? { family, address };
	return { ...local, port };
}
