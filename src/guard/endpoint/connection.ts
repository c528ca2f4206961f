/** One client of the guard's socket: its lines in, answers out, its lease while it stands. Trusts nothing it reads. */

import type { Socket } from "node:net";
import type { Clock } from "../../clock.js";
import { FirewallError } from "../../firewall/errors.js";
import { Allowance } from "../allowance.js";
import { messageOf } from "../errors.js";
import type { Guard } from "../guard.js";
import { addressFromText } from "../kernel/address.js";
import { explainRefusal } from "../sessions/admissions.js";
import type { Lease } from "../sessions/leases.js";
import { REFUSALS, type Refusal } from "../sessions/refusals.js";
import { publicStatus } from "../status.js";
import {
	type Answer,
	decodeRequest,
	encode,
	LineReader,
	MAX_REQUEST_LINE,
	type Request,
} from "../wire/protocol.js";

/** Messages a connection may send at once, and per second after that. A busy session sends an update a second. */
const MESSAGES_AT_ONCE = 20;
const MESSAGES_PER_SECOND = 5;
/** Bytes not yet taken by a client that does not read: a full status, with room. */
const MAX_UNREAD = 8 * 1024 * 1024;
const TOO_FAST = { error: "too many messages" };

export interface ConnectionEvents {
	/** It holds a lease now, so it is no longer a stranger. */
	leased(): void;
	dropped(reason: string): void;
	/** It was told that this guard ends now. Undefined where the guard yields to nobody. */
	readonly yielded: (() => void) | undefined;
}

export class Connection {
	readonly #socket: Socket;
	readonly #guard: Guard;
	readonly #admin: boolean;
	readonly #events: ConnectionEvents;
	readonly #allowance: Allowance;
	readonly #lines = new LineReader(MAX_REQUEST_LINE - 1);
	#lease: Lease | undefined;
	/** Requests are answered in the order they came. */
	#turn: Promise<void> = Promise.resolve();

	/** `admin`: it came through the socket that only root can connect to. */
	constructor(socket: Socket, guard: Guard, admin: boolean, clock: Clock, events: ConnectionEvents) {
		this.#socket = socket;
		this.#guard = guard;
		this.#admin = admin;
		this.#allowance = new Allowance(MESSAGES_AT_ONCE, MESSAGES_PER_SECOND, clock);
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
			const request = this.#allowance.take() === 0 ? decodeRequest(line) : TOO_FAST;
			if ("error" in request) {
				this.#fail(request === TOO_FAST ? "too-fast" : "bad-message", request.error);
				return;
			}
			this.#turn = this.#turn.then(() => this.#serve(request));
		}
	}

	async #serve(request: Request): Promise<void> {
		if (this.#socket.destroyed) return;
		try {
			const answer = await this.#answer(request);
			if (answer !== undefined) this.#send(answer);
			if (answer?.type === "yielded") this.#events.yielded?.();
		} catch (error) {
			this.#send({
				type: "error",
				code: error instanceof FirewallError ? "firewall-failed" : "failed",
				reason: messageOf(error),
			});
		}
	}

	async #answer(request: Request): Promise<Answer | undefined> {
		const guard = this.#guard;
		switch (request.type) {
			case "report":
				return await this.#report(request);
			case "ask":
				return this.#verdict(await guard.answer(canonical(request)));
			case "update":
				// Without a report there is nothing to update; the sender learns that from the report's own answer.
				if (this.#lease !== undefined) this.#lease = guard.updated(this.#lease, request);
				return undefined;
			case "status": {
				const status = await guard.currentStatus();
				return { type: "status", status: this.#admin ? status : publicStatus(status) };
			}
			case "sync": {
				const dryRun = request.dryRun === true;
				const { open, close } = dryRun ? await guard.plan() : await guard.sync();
				return { type: "synced", opened: open, closed: close, dryRun };
			}
			case "arm":
				guard.arm(request.seconds);
				return { type: "armed", seconds: request.seconds };
			case "close": {
				if (!this.#admin)
					return { type: "error", code: "not-permitted", reason: "only root may close a port" };
				const dryRun = request.dryRun === true;
				const closed = await guard.closePort(request.port, dryRun);
				return { type: "synced", opened: [], closed, dryRun };
			}
			case "yield": {
				if (this.#admin && this.#events.yielded !== undefined) return { type: "yielded" };
				const reason = this.#admin ? "this guard yields to nobody" : "only root may ask a guard to yield";
				return { type: "error", code: "not-permitted", reason };
			}
		}
	}

	async #report(request: Extract<Request, { type: "report" }>): Promise<Answer> {
		if (this.#lease !== undefined) {
			return { type: "error", code: "bad-message", reason: "a connection carries one report" };
		}
		const opening = canonical(request);
		const lease: Lease = { opening, pid: request.pid };
		if (!this.#guard.leases.add(lease, this.#guard.holderOf(opening)))
			return this.#verdict({ code: "guard-busy" });
		this.#lease = lease;
		const refusal = await this.#guard.answer(opening);
		// Who names a socket that is nobody's gets no place to stay.
		if (refusal === undefined && this.#guard.holderOf(opening) === request.pid) this.#events.leased();
		return this.#verdict(refusal);
	}

	#verdict(refusal: Refusal | undefined): Answer {
		if (refusal === undefined) return { type: "open" };
		const reason = this.#admin ? explainRefusal(refusal) : REFUSALS[refusal.code];
		return { type: "refused", code: refusal.code, reason };
	}

	#send(answer: Answer): void {
		if (this.#socket.destroyed) return;
		this.#socket.write(encode(answer));
		if (this.#socket.writableLength > MAX_UNREAD) this.drop("does not read its answers");
	}

	#fail(code: "bad-message" | "too-fast", reason: string): void {
		this.#send({ type: "error", code, reason });
		this.#events.dropped(reason);
		this.#socket.removeAllListeners("data");
		this.#socket.resume();
		this.#socket.destroySoon();
	}

	#end(): void {
		if (this.#lease === undefined) return;
		this.#guard.leases.remove(this.#lease);
		this.#lease = undefined;
		// The end of a lease is usually the end of its server.
		this.#guard.wake();
	}
}

/** The reporter may write its address another way than the kernel. One that is no address stays, and matches no socket. */
function canonical({ family, address, port }: { family: "ipv4" | "ipv6"; address: string; port: number }) {
	const local = addressFromText(family, address) ?? { family, address };
	return { ...local, port };
}
