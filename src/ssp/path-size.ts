/**
 * How large a datagram this path carries, found without ICMP. Node sets DF on IPv4 and cannot clear it, so on a path that is
 * too narrow, and whose routers' messages are filtered, large datagrams vanish for ever while small ones pass.
 *
 * A large instruction that stays unanswered may have been lost, or its acknowledgement, or the network may be away. So a
 * smaller size is first only tried: it is kept if an answer comes, and taken back if none does. A size that has once arrived
 * is doubted only after much longer. The first size is the stock server's; nothing is sent to find out.
 */

import * as timing from "./timing.js";

/**
 * Largest UDP payloads, widest first: 1280, the least that an IPv6 path carries, and 1000, both without the headers that the
 * stock server allows for; and 500, the stock server's for paths that refuse even those.
 */
export const PAYLOAD_SIZES = {
	ipv4: [1280 - 28, 1000 - 28, 500],
	ipv6: [1280 - 64, 1000 - 64, 500],
} as const;

/** Records are kept of this many instructions: twice the states that the sender keeps. */
const RECORDS_MAX = 2 * timing.SENT_STATES_MAX;
/** The peer's clock and ours round to milliseconds. */
const ROUNDING_MS = 2;

/** An instruction about to be sent. */
export interface Departure {
	readonly oldNumber: bigint;
	readonly newNumber: bigint;
	/** Its longest UDP payload, in bytes. */
	readonly longest: number;
	/** How long an instruction may be in flight before it counts as lost (ms). */
	readonly patience: number;
	/** When the peer was last heard. */
	readonly lastHeard: number | undefined;
}

/** A large instruction, and what replaced it, that has not been answered. */
interface Unconfirmed {
	readonly number: bigint;
	/** The step and the length that are doubted. */
	readonly step: number;
	readonly longest: number;
	/** When the present step was taken, or the first instruction sent. */
	since: number;
	/** When a transmission was last given up. */
	lastRound: number;
	rounds: number;
	/** A step was taken after a single loss: on a slow path, or before the first round trip is known. */
	weak: boolean;
	/** The smallest size was not answered either: size is not the reason. */
	futile: boolean;
}

export class PathSize {
	readonly #sizes: readonly number[];
	#step = 0;
	/** Longest payload that has arrived on this path. */
	#proven = 0;
	/** By state number: the longest payload that must have arrived for the peer to have that state. Small ones are left out. */
	readonly #records = new Map<bigint, number>();
	#unconfirmed: Unconfirmed | undefined;
	#steppedAt = 0;
	#raised = false;
	#raiseAfter = timing.PATH_RAISE_AFTER;

	constructor(family: "ipv4" | "ipv6") {
		this.#sizes = PAYLOAD_SIZES[family];
	}

	/** Largest UDP payload in bytes. */
	get payload(): number {
		return this.#sizes[this.#step] as number;
	}

	/** Tries the next larger size if it is time to. Call before cutting an instruction. */
	refresh(now: number): void {
		if (this.#step > 0 && this.#unconfirmed === undefined && now - this.#steppedAt >= this.#raiseAfter) {
			this.#step--;
			this.#steppedAt = now;
			this.#raised = true;
		}
	}

	/** Notes an instruction cut to `payload`. Returns true if the size has changed: the instruction must be cut again. */
	departs(departure: Departure, now: number): boolean {
		const before = this.#step;
		this.#consider(departure, now);
		this.#record({ ...departure, longest: Math.min(departure.longest, this.payload) });
		return this.#step !== before;
	}

	/**
	 * The peer has state `number`.
	 * @param trip the round trip that came with the acknowledgement, in ms: tells whether it can be an answer to what was
	 * sent after a step
	 */
	acknowledged(number: bigint, trip: number | undefined, now: number): void {
		this.#proven = Math.max(this.#proven, this.#records.get(number) ?? 0);
		for (const known of this.#records.keys()) {
			if (known <= number) {
				this.#records.delete(known);
			}
		}
		const unconfirmed = this.#unconfirmed;
		if (unconfirmed === undefined || number < unconfirmed.number) {
			return;
		}
		this.#unconfirmed = undefined;
		if (this.#step === unconfirmed.step) {
			this.#raised &&= this.#proven <= this.#narrower(unconfirmed.step);
			return;
		}
		if (trip !== undefined && now - trip < unconfirmed.since - ROUNDING_MS) {
			this.#step = unconfirmed.step;
			this.#proven = Math.max(this.#proven, unconfirmed.longest);
			return;
		}
		this.#settle(unconfirmed.weak, now);
	}

	/** A payload of this many bytes was refused by this host. Returns true if the size has changed. */
	refused(bytes: number, now: number): boolean {
		const step = this.#below(bytes);
		if (step <= this.#step) {
			return false;
		}
		this.#step = step;
		this.#unconfirmed = undefined;
		this.#settle(false, now);
		return true;
	}

	/** The peer is somewhere else: nothing is known of the way there. */
	reset(): void {
		this.#step = 0;
		this.#proven = 0;
		this.#records.clear();
		this.#unconfirmed = undefined;
		this.#raised = false;
		this.#raiseAfter = timing.PATH_RAISE_AFTER;
	}

	#record({ oldNumber, newNumber, longest }: Departure): void {
		const base = this.#records.get(oldNumber) ?? 0;
		// Of several transmissions any may be the one that arrives.
		const needed = Math.min(
			Math.max(base, longest),
			this.#records.get(newNumber) ?? Number.POSITIVE_INFINITY,
		);
		if (needed <= this.#smallest) {
			this.#records.delete(newNumber);
			return;
		}
		this.#records.set(newNumber, needed);
		if (this.#records.size > RECORDS_MAX) {
			const [oldest] = this.#records.keys();
			this.#records.delete(oldest as bigint);
		}
	}

	#consider(departure: Departure, now: number): void {
		const unconfirmed = this.#unconfirmed;
		if (unconfirmed === undefined || this.#isSilent(departure, now)) {
			this.#begin(departure, now);
			return;
		}
		const mayFit = departure.longest <= this.#smallest && this.#step === unconfirmed.step;
		if (mayFit || unconfirmed.futile || now - unconfirmed.lastRound < departure.patience) {
			return;
		}
		unconfirmed.rounds++;
		unconfirmed.lastRound = now;
		if (this.#exceeds(unconfirmed, departure, now)) {
			this.#try(unconfirmed, departure, now);
		}
	}

	/** The first large instruction after the last answer. */
	#begin({ newNumber, longest }: Departure, now: number): void {
		this.#step = this.#unconfirmed?.step ?? this.#step;
		this.#unconfirmed =
			longest > this.#smallest
				? {
						number: newNumber,
						step: this.#step,
						longest,
						since: now,
						lastRound: now,
						rounds: 0,
						weak: false,
						futile: false,
					}
				: undefined;
	}

	/** The peer itself is away, whatever the size. */
	#isSilent({ lastHeard }: Departure, now: number): boolean {
		return lastHeard === undefined || now - lastHeard > timing.PATH_SILENCE;
	}

	#exceeds(unconfirmed: Unconfirmed, { longest, lastHeard = 0 }: Departure, now: number): boolean {
		const elapsed = now - unconfirmed.since;
		if (longest > this.#proven) {
			return elapsed >= timing.PATH_DOUBT_AFTER;
		}
		return (
			elapsed >= timing.PROVEN_PATH_DOUBT_AFTER &&
			unconfirmed.rounds >= timing.PROVEN_PATH_ROUNDS &&
			lastHeard > unconfirmed.since
		);
	}

	#try(unconfirmed: Unconfirmed, { longest, patience }: Departure, now: number): void {
		if (longest > this.#smallest) {
			this.#step = patience > timing.PATH_SLOW_ROUND ? this.#sizes.length - 1 : this.#below(longest);
		} else {
			this.#step = unconfirmed.step;
			unconfirmed.futile = true;
		}
		unconfirmed.weak ||= unconfirmed.rounds === 1;
		unconfirmed.since = now;
		unconfirmed.rounds = 0;
	}

	/** A smaller size is what this path needs. */
	#settle(weak: boolean, now: number): void {
		this.#proven = Math.min(this.#proven, this.payload);
		this.#steppedAt = now;
		if (this.#raised) {
			const longer = Math.max(2 * this.#raiseAfter, timing.PATH_RAISE_AFTER);
			this.#raiseAfter = Math.min(longer, timing.PATH_RAISE_AFTER_MAX);
		} else {
			this.#raiseAfter = weak ? timing.WEAK_PATH_RAISE_AFTER : timing.PATH_RAISE_AFTER;
		}
		this.#raised = false;
	}

	get #smallest(): number {
		return this.#sizes.at(-1) as number;
	}

	#narrower(step: number): number {
		return this.#sizes[step + 1] ?? 0;
	}

	/** The first step whose datagrams are all shorter than `bytes`; the last one if there is none. */
	#below(bytes: number): number {
		const step = this.#sizes.findIndex((size) => size < bytes);
		return step < 0 ? this.#sizes.length - 1 : step;
	}
}
