/** What a firewall is to the guard: openings of its own that it lists, adds and removes. One folder implements each. */

import type { LocalAddress } from "../system/addresses.js";

export type FirewallName = "ufw" | "iptables" | "nftables" | "firewalld" | "none";

/**
 * One UDP port open on one local address.
 * `address` is numeric and in canonical text form; `0.0.0.0` and `::` mean every address of that family.
 */
export interface Opening extends LocalAddress {
	/** 1–65535 */
	readonly port: number;
}

export interface FirewallChange {
	/** Applied first and at once. */
	readonly open: readonly Opening[];
	readonly close: readonly Opening[];
}

/** Which rule decides for a port, in the words of the firewall's own listing. */
export interface Explanation {
	readonly verdict: "open" | "closed" | "unknown";
	/** Whose rule it is: ours, the admin's, or the default policy. */
	readonly by: "guard" | "admin" | "policy";
	readonly rule: string;
}

export interface Watch {
	stop(): Promise<void>;
}

/** Every method rejects with `FirewallError`; none leaves half a rule. */
export interface Firewall {
	readonly name: FirewallName;
	/**
	 * Makes our chain, set or connection stand where it must; repairs it when it was lost or moved. Idempotent.
	 * Where nothing was amiss it may have seen already what `list` would tell, and resolves with that.
	 */
	ensure(): Promise<readonly Opening[] | undefined>;
	/** Our openings as the firewall itself lists them. What of ours is malformed or misplaced does not count. */
	list(): Promise<Opening[]>;
	/** Opens at once, then closes in one batch. Idempotent. */
	apply(change: FirewallChange): Promise<void>;
	/** Removes every trace of ours. Errors are collected and thrown at the end. */
	clear(): Promise<void>;
	explain(opening: Opening): Promise<Explanation>;
	/** Calls `listener` after the firewall's rules may have changed by another hand (reload, flush, restart). */
	watch(listener: (cause: string) => void): Promise<Watch>;
}
