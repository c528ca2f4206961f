/** What servers report of their sessions, for as long as their connections exist. Hints: nothing here opens a port. */

import type { Opening } from "../../firewall/firewall.js";
import { openingKey } from "../../firewall/opening.js";
import type { Update } from "../../guard-protocol/messages.js";

export interface Lease {
	readonly opening: Opening;
	readonly pid: number;
	/** The connected user; undefined for an anonymous client, of which only the fact that it reports counts. */
	readonly uid: number | undefined;
	/** Called when the lease ends, except by `remove`. */
	readonly ended: (reason: string) => void;
}

/** What a session has reported of its client. */
export interface ClientFacts {
	readonly client?: { readonly address: string; readonly port: number };
	/** Times on the guard's clock: of the last datagram from the client, and of the user's last input. */
	readonly lastHeardAt?: number;
	readonly lastInputAt?: number;
	/** Clients that watch. */
	readonly watchers?: number;
	/** The session is over, and its client does not know yet. */
	readonly ending?: boolean;
}

/** Of the socket's user: a server, and the same after a reconnect. A new one beyond that ends the oldest. */
const MAX_PER_SOCKET = 2;
/** Of anonymous clients, which must not end each other's leases: any of them may be lying. */
const MAX_ANONYMOUS_PER_SOCKET = 8;

/** Changes are asked about at each scan. */
const REMEMBERED = 64;

export class Leases {
	/** In the order in which they were added. */
	readonly #byOpening = new Map<string, Lease[]>();
	readonly #facts = new Map<Lease, ClientFacts>();
	#version = 0;
	/** Of the last versions, whose lease was added or ended. */
	#changed: Opening[] = [];

	/** Changes with each lease that is added or ends. */
	get version(): number {
		return this.#version;
	}

	/** The openings whose leases have changed since that version; undefined where that is too long ago to be known. */
	changedSince(version: number): readonly Opening[] | undefined {
		const count = this.#version - version;
		return count > this.#changed.length ? undefined : this.#changed.slice(this.#changed.length - count);
	}

	get count(): number {
		return this.#facts.size;
	}

	has(lease: Lease): boolean {
		return this.#facts.has(lease);
	}

	/** Whether it was added: not if it is there already, or if too many anonymous clients have reported the socket. */
	add(lease: Lease): boolean {
		if (this.#facts.has(lease)) {
			return false;
		}
		const key = openingKey(lease.opening);
		const others = this.#byOpening.get(key) ?? [];
		const isAnonymous = lease.uid === undefined;
		const alike = others.filter(({ uid }) => (uid === undefined) === isAnonymous);
		if (isAnonymous && alike.length >= MAX_ANONYMOUS_PER_SOCKET) {
			return false;
		}
		this.#byOpening.set(key, [...others, lease]);
		this.#facts.set(lease, {});
		this.#hasChanged(lease);
		if (!isAnonymous && alike.length >= MAX_PER_SOCKET) {
			this.#end(alike[0], "replaced by a newer report of its socket");
		}
		return true;
	}

	/** Updates from anonymous clients are ignored: they may concern another user's process. */
	update(lease: Lease, update: Update, now: number): void {
		const known = this.#facts.get(lease);
		if (known === undefined || lease.uid === undefined) {
			return;
		}
		this.#facts.set(lease, {
			...known,
			...(update.client === undefined ? {} : { client: update.client }),
			...(update.silentMs === undefined ? {} : { lastHeardAt: now - update.silentMs }),
			...(update.idleMs === undefined ? {} : { lastInputAt: now - update.idleMs }),
			watchers: update.watchers ?? 0,
			ending: update.ending ?? false,
		});
	}

	remove(lease: Lease): void {
		if (!this.#facts.delete(lease)) {
			return;
		}
		this.#hasChanged(lease);
		const key = openingKey(lease.opening);
		const rest = (this.#byOpening.get(key) ?? []).filter((other) => other !== lease);
		if (rest.length === 0) {
			this.#byOpening.delete(key);
		} else {
			this.#byOpening.set(key, rest);
		}
	}

	/** Ends the leases of a socket that is gone. */
	endOf(opening: Opening): void {
		for (const lease of this.#byOpening.get(openingKey(opening)) ?? []) {
			this.#end(lease, "its socket is closed");
		}
	}

	/** The pids that reports name as holders of a socket. */
	reporters(opening: Opening): readonly number[] {
		return (this.#byOpening.get(openingKey(opening)) ?? []).map((lease) => lease.pid);
	}

	/** What is known of the client of a session that `pid` holds; undefined if its own user has not reported it. */
	of(opening: Opening, pid: number): ClientFacts | undefined {
		const leases = this.#byOpening.get(openingKey(opening)) ?? [];
		const lease = leases.find((lease) => lease.pid === pid && lease.uid !== undefined);
		return lease === undefined ? undefined : this.#facts.get(lease);
	}

	#hasChanged({ opening }: Lease): void {
		this.#version++;
		this.#changed = [...this.#changed.slice(1 - REMEMBERED), opening];
	}

	#end(lease: Lease | undefined, reason: string): void {
		if (lease === undefined) {
			return;
		}
		this.remove(lease);
		lease.ended(reason);
	}
}
