/** What sessions say of themselves, for as long as their connection stands. Hints: nothing here opens a port. */

import type { Opening } from "../../firewall/firewall.js";
import { openingKey } from "../../firewall/opening.js";
import type { Update } from "../../guard-protocol/messages.js";

export interface Lease {
	readonly opening: Opening;
	readonly pid: number;
	/** Who is connected; undefined for a stranger, whose word counts for nothing but that the server reports. */
	readonly uid: number | undefined;
	/** Called when the lease has ended otherwise than by `remove`. */
	readonly ended: (reason: string) => void;
}

/** What a session told of its client. */
export interface ClientFacts {
	readonly client?: { readonly address: string; readonly port: number };
	/** Guard's clock when the client was last heard, when the user last typed. */
	readonly heardAt?: number;
	readonly typedAt?: number;
}

/** Of its user: a server and its successor after a reconnect. A newcomer ends the oldest. */
const MOST_PER_SOCKET = 2;
/** Of strangers, who must not end each other's: any of them may be lying. */
const MOST_STRANGERS_PER_SOCKET = 8;

export class Leases {
	/** In the order they came. */
	readonly #byOpening = new Map<string, Lease[]>();
	readonly #facts = new Map<Lease, ClientFacts>();
	#version = 0;

	/** Another number after each report that came or went. */
	get version(): number {
		return this.#version;
	}

	get count(): number {
		return this.#facts.size;
	}

	has(lease: Lease): boolean {
		return this.#facts.has(lease);
	}

	/** Whether it was added: not twice, and not where strangers enough have reported. */
	add(lease: Lease): boolean {
		if (this.#facts.has(lease)) return false;
		const key = openingKey(lease.opening);
		const others = this.#byOpening.get(key) ?? [];
		const isStranger = lease.uid === undefined;
		const alike = others.filter(({ uid }) => (uid === undefined) === isStranger);
		if (isStranger && alike.length >= MOST_STRANGERS_PER_SOCKET) return false;
		this.#byOpening.set(key, [...others, lease]);
		this.#facts.set(lease, {});
		this.#version++;
		if (!isStranger && alike.length >= MOST_PER_SOCKET)
			this.#end(alike[0], "replaced by a newer report of its socket");
		return true;
	}

	/** What a stranger says of a client is not believed: he may name another's process. */
	update(lease: Lease, update: Update, now: number): void {
		const known = this.#facts.get(lease);
		if (known === undefined || lease.uid === undefined) return;
		this.#facts.set(lease, {
			...known,
			...(update.client === undefined ? {} : { client: update.client }),
			...(update.silentMs === undefined ? {} : { heardAt: now - update.silentMs }),
			...(update.idleMs === undefined ? {} : { typedAt: now - update.idleMs }),
		});
	}

	remove(lease: Lease): void {
		if (!this.#facts.delete(lease)) return;
		this.#version++;
		const key = openingKey(lease.opening);
		const rest = (this.#byOpening.get(key) ?? []).filter((other) => other !== lease);
		if (rest.length === 0) this.#byOpening.delete(key);
		else this.#byOpening.set(key, rest);
	}

	/** Ends those whose socket is none of these. */
	keepOnly(sockets: readonly Opening[]): void {
		if (this.count === 0) return;
		const bound = new Set(sockets.map(openingKey));
		for (const lease of [...this.#facts.keys()]) {
			if (!bound.has(openingKey(lease.opening))) this.#end(lease, "its socket is closed");
		}
	}

	/** The pids that reports name for a socket. */
	reporters(opening: Opening): readonly number[] {
		return (this.#byOpening.get(openingKey(opening)) ?? []).map((lease) => lease.pid);
	}

	/** What is known of the client of a session held by `pid`; undefined when its own user has not reported it. */
	of(opening: Opening, pid: number): ClientFacts | undefined {
		const leases = this.#byOpening.get(openingKey(opening)) ?? [];
		const lease = leases.find((lease) => lease.pid === pid && lease.uid !== undefined);
		return lease === undefined ? undefined : this.#facts.get(lease);
	}

	#end(lease: Lease | undefined, reason: string): void {
		if (lease === undefined) return;
		this.remove(lease);
		lease.ended(reason);
	}
}
