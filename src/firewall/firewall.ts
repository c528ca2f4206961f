/** The interface of a firewall backend: it lists, adds and removes managed openings. Each backend has a folder of its own. */

import type { LocalAddress } from "../system/addresses.js";

export type FirewallName = "ufw" | "iptables" | "nftables" | "firewalld" | "none";

/**
 * One UDP port that is open on one local address.
 * `address` is numeric, in canonical text form; `0.0.0.0` and `::` mean every address of the family.
 */
export interface Opening extends LocalAddress {
	/** 1–65535 */
	readonly port: number;
}

export interface FirewallChange {
	/** Applied before `close`. */
	readonly open: readonly Opening[];
	readonly close: readonly Opening[];
}

/** The rule that decides on a port, as the tool that wrote it lists it. */
export interface Explanation {
	readonly verdict: "open" | "closed" | "unknown";
	/** Whose rule it is: the guard's, the administrator's, or the default policy. */
	readonly by: "guard" | "admin" | "policy";
	/** Where it is unknown: each rule that may shut the port and is not understood, or depends on what cannot be known. */
	readonly rule: string;
	/** The rule lets the client's datagrams in, or may, but decides on the server's answer. */
	readonly direction?: "answer";
	/** The datagram goes to another host or port. */
	readonly diverted?: true;
	/** It is open for these alone, as a sentence goes on: `from addresses that …`. */
	readonly only?: string;
	/** It is dropped by default in the very chains that the guard's rule is in: that rule stands where it is of no use. */
	readonly misplaced?: true;
}

export interface Watch {
	/** It reports every change to the rules of nf_tables, to one listener or the other. */
	readonly seesAllOfNft?: boolean;
	/**
	 * The same number as long as nobody but this process has changed nf_tables, by the kernel's own count; undefined where that cannot be
	 * known.
	 */
	othersMark?(): Promise<number | undefined>;
	stop(): Promise<void>;
}

/** Every method rejects with `FirewallError`; none leaves a rule half applied. */
export interface Firewall {
	/** For people: a `FirewallName`, or those of several joined by `+`. */
	readonly name: string;
	/**
	 * Creates or repairs what holds our openings: a chain, sets, a connection. Idempotent. Returns what `list` would return
	 * afterwards; where nothing needs repair it takes no more commands than `list`.
	 */
	repair(): Promise<Opening[]>;
	/**
	 * Keeps openings from ending by themselves. Takes the place of a `repair` while nobody else has changed nf_tables, by the kernel's
	 * count. False where only a `repair` will do: not all of its rules are there.
	 */
	renew?(): Promise<boolean>;
	/** Our openings as the firewall itself lists them, without malformed or misplaced rules. */
	list(): Promise<Opening[]>;
	/** Opens, then closes in one batch. Idempotent. */
	apply(change: FirewallChange): Promise<void>;
	/**
	 * How many datagrams the guard's own rule for each of these has let in since it was made, by `openingKey`. What does not count
	 * is left out.
	 */
	counted?(openings: readonly Opening[]): Promise<ReadonlyMap<string, number>>;
	/** Removes every managed object, whatever the current options are. Errors are collected and thrown at the end. */
	clear(): Promise<void>;
	/**
	 * Of a firewall whose settings people know better than the rules that it makes of them: the setting of the zone behind
	 * `chain` that decides on an opening, as far as these settings tell. Undefined where it is no chain of a zone.
	 */
	ownWords?(opening: Opening, chain: string): Promise<Explanation | undefined>;
	/**
	 * Calls `listener` when another program may have changed the firewall's rules (reload, flush, restart), and `elsewhere` when
	 * it changed other rules, as far as they are seen.
	 */
	watch(listener: (cause: string) => void, elsewhere?: (cause: string) => void): Promise<Watch>;
}
