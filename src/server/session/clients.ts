/**
 * Who takes part in a session, each with a key of its own. A promised client becomes the one that types when it is first
 * heard, and the one before is told that it has left; a promised watcher joins. Few are kept: the oldest makes room.
 */

import { type DatagramPort, SspError } from "../../ssp/index.js";
import { FIRST_CLIENT_LIMIT_MS } from "./lifetime.js";
import type { Role, SessionClient } from "./session-client.js";

/** How many may have each role at once. */
export const MOST: Readonly<Record<Exclude<Role, "typing">, number>> = {
	promised: 4,
	watching: 4,
	leaving: 4,
};

export class Clients {
	/** The one that has the session; after the session's end, the last one that had. */
	typing: SessionClient;
	/** By the time at which they were given their role. */
	#all: SessionClient[];
	#dropped = false;

	constructor(first: SessionClient) {
		first.role = "typing";
		this.typing = first;
		this.#all = [first];
	}

	get all(): readonly SessionClient[] {
		return this.#all;
	}

	/** Those that are shown the screen. */
	get viewers(): readonly SessionClient[] {
		// The usual case, for every datagram and every piece of output.
		return this.#all.length === 1
			? this.#all
			: this.#all.filter(({ role }) => role === "typing" || role === "watching");
	}

	/** Whose key has sealed a datagram; where that can be only one, or is nobody's, any. Undefined if nobody is left. */
	of(datagram: Uint8Array): SessionClient | undefined {
		const [first] = this.#all;
		if (this.#all.length <= 1) {
			return first;
		}
		return this.#all.find(({ transport }) => transport.recognises(datagram)) ?? first;
	}

	/** A client that may come within FIRST_CLIENT_LIMIT_MS. */
	promise(client: SessionClient): void {
		this.give(client, "promised");
	}

	/** A promised client is there. */
	arrived(client: SessionClient): void {
		if (client.watches) {
			this.give(client, "watching");
			return;
		}
		this.dismiss(this.typing);
		this.give(client, "typing");
		this.typing = client;
	}

	/** The session is over for this client, which is told so when it can be. */
	dismiss(client: SessionClient): void {
		client.dismiss();
		this.give(client, "leaving");
	}

	give(client: SessionClient, role: Role): void {
		client.role = role;
		this.#all = [...this.#all.filter((other) => other !== client), client];
		if (role !== "typing") {
			const same = this.#all.filter((other) => other.role === role);
			for (const excess of same.slice(0, Math.max(0, same.length - MOST[role]))) {
				this.drop(excess);
			}
		}
	}

	drop(client: SessionClient): void {
		this.#all = this.#all.filter((other) => other !== client);
		this.#dropped = true;
	}

	/** Takes a promise back that nobody has taken. Returns whether there was one. */
	withdraw(port: DatagramPort): boolean {
		const promised = this.#all.find((client) => client.port === port && client.role === "promised");
		if (promised !== undefined) {
			this.drop(promised);
		}
		return promised !== undefined;
	}

	/**
	 * Gives up clients with these ports: those that are told that they have left, and those that were promised the session and have
	 * not come. Not if somebody has one of the ports who types or watches. Returns whether nobody has any of them now.
	 */
	giveUp(ports: ReadonlySet<DatagramPort>): boolean {
		const clients = this.#all.filter(({ port }) => ports.has(port));
		if (clients.some(({ role }) => role === "typing" || role === "watching")) {
			return false;
		}
		for (const client of clients) {
			this.drop(client);
		}
		return true;
	}

	/** The ports of all clients that are, were or may come, those that leave last. */
	get ports(): readonly DatagramPort[] {
		const isLeaving = ({ role }: SessionClient): number => (role === "leaving" ? 1 : 0);
		return [...this.#all].sort((a, b) => isLeaving(a) - isLeaving(b)).map(({ port }) => port);
	}

	/** Sends what is due. Returns false if the key of the client that has the session is used up. */
	send(now: number): boolean {
		for (const client of this.viewers) {
			if (!sent(() => client.send(now))) {
				if (client.role === "typing") {
					return false;
				}
				this.drop(client);
			}
		}
		this.sendToLeaving();
		return true;
	}

	/** Sends what is due to those that leave, while they are there to be told. */
	sendToLeaving(): void {
		for (const client of this.#all) {
			// One whose key is used up cannot be told.
			if (client.role === "leaving" && client.reachable && !sent(() => client.transport.tick())) {
				this.drop(client);
			}
		}
	}

	/** Drops promises that nobody took, and others than the typing client that know that they have left. */
	advance(now: number): void {
		for (const client of this.#all) {
			const late = client.role === "promised" && now - client.since >= FIRST_CLIENT_LIMIT_MS;
			if (late || (client.role !== "typing" && client.gone)) {
				this.drop(client);
			}
		}
	}

	/** Returns true once after clients have been dropped. */
	takeDropped(): boolean {
		const dropped = this.#dropped;
		this.#dropped = false;
		return dropped;
	}

	/** Milliseconds until something is due for one of them; Infinity: not until something happens. */
	waitTime(held: boolean, now: number): number {
		let wait = Number.POSITIVE_INFINITY;
		for (const client of this.#all) {
			wait = Math.min(wait, waitTime(client, held, now));
		}
		return wait;
	}
}

/** False if the key is used up. */
function sent(send: () => unknown): boolean {
	try {
		send();
		return true;
	} catch (error) {
		if (error instanceof SspError && error.code === "key-exhausted") {
			return false;
		}
		throw error;
	}
}

function waitTime(client: SessionClient, held: boolean, now: number): number {
	switch (client.role) {
		case "promised":
			return Math.max(0, client.since + FIRST_CLIENT_LIMIT_MS - now);
		case "leaving":
			return client.reachable ? client.transport.waitTime() : Number.POSITIVE_INFINITY;
		default:
			return client.waitTime(held, now);
	}
}
