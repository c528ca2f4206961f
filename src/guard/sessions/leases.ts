/** What sessions say of themselves, for as long as their connection stands. Hints: nothing here opens a port. */

import type { Opening } from "../../firewall/firewall.js";
import { openingKey } from "../../firewall/opening.js";
import type { Update } from "../wire/protocol.js";

export interface Lease {
	readonly opening: Opening;
	readonly pid: number;
	readonly client?: { readonly address: string; readonly port: number };
	/** Guard's clock when the client was last heard, when the user last typed. */
	readonly heardAt?: number;
	readonly typedAt?: number;
}

/**
 * A server and its successor after a reconnect, with room for a liar or two. The holder's own report is told from
 * theirs by its pid, so they cannot push it out; the first one with that pid speaks for the session.
 */
const MAX_PER_SOCKET = 4;

export class Leases {
	readonly #byOpening = new Map<string, Lease[]>();
	#count = 0;
	#version = 0;

	/** Another number after each report that came or went. */
	get version(): number {
		return this.#version;
	}

	get count(): number {
		return this.#count;
	}

	/** False when the socket has too many already. */
	add(lease: Lease, holder: number | undefined): boolean {
		const key = openingKey(lease.opening);
		const leases = this.#byOpening.get(key) ?? [];
		if (leases.length >= MAX_PER_SOCKET && lease.pid !== holder) return false;
		if (leases.length >= 2 * MAX_PER_SOCKET) return false;
		this.#byOpening.set(key, [...leases, lease]);
		this.#count++;
		this.#version++;
		return true;
	}

	/** The lease as it is after the update. */
	update(lease: Lease, update: Update, now: number): Lease {
		const next: Lease = {
			...lease,
			...(update.client === undefined ? {} : { client: update.client }),
			...(update.silentMs === undefined ? {} : { heardAt: now - update.silentMs }),
			...(update.idleMs === undefined ? {} : { typedAt: now - update.idleMs }),
		};
		this.#replace(lease, [next]);
		return next;
	}

	remove(lease: Lease): void {
		if (!this.#replace(lease, [])) return;
		this.#count--;
		this.#version++;
	}

	/** The pids that reports name for a socket. */
	reporters(opening: Opening): readonly number[] {
		return (this.#byOpening.get(openingKey(opening)) ?? []).map((lease) => lease.pid);
	}

	/** Who speaks for a session held by `pid`. */
	of(opening: Opening, pid: number): Lease | undefined {
		return this.#byOpening.get(openingKey(opening))?.find((lease) => lease.pid === pid);
	}

	#replace(lease: Lease, by: readonly Lease[]): boolean {
		const key = openingKey(lease.opening);
		const leases = this.#byOpening.get(key) ?? [];
		if (!leases.includes(lease)) return false;
		const rest = leases.flatMap((other) => (other === lease ? by : [other]));
		if (rest.length === 0) this.#byOpening.delete(key);
		else this.#byOpening.set(key, rest);
		return true;
	}
}
