/** A host's rules as the walk sees them, whichever tool wrote them. */

import type { Family } from "../../system/addresses.js";
import type { Marks } from "./marks.js";
import type { Packet } from "./packet.js";
import type { Truth } from "./truth.js";

/** Where the kernel hands a datagram to rules, in the order it passes them. */
export const HOOKS = ["ingress", "prerouting", "input", "output", "postrouting", "egress"] as const;
export type Hook = (typeof HOOKS)[number];

export type Verdict = "accept" | "drop" | "reject" | "unknown";

/** Whether a walk, a passage or a decision with this verdict lets no datagram through. */
export function isShut({ verdict }: { readonly verdict: Verdict }): boolean {
	return verdict === "drop" || verdict === "reject";
}

/** What a rule does when its conditions hold. */
export type Effect =
	/** Ends the walk through this base chain. */
	| { readonly kind: "verdict"; readonly verdict: Verdict }
	/** Sends the datagram to another host or port: it does not reach this socket, unless that is where it goes anyway. */
	| { readonly kind: "diverts"; readonly to?: Destination }
	/** Makes it another sender's: what is not tracked yet goes out as from there; undefined for the interface's own address. */
	| { readonly kind: "resends"; readonly as: Destination | undefined }
	/** Sends it to a port of this host, at the address that the kernel thinks best; undefined for its own port. */
	| { readonly kind: "redirects"; readonly port: number | undefined }
	| { readonly kind: "jump" | "goto"; readonly chain: string }
	| { readonly kind: "return" }
	/** Connection tracking does not look at it from here on. */
	| { readonly kind: "untracks" }
	/** A verdict that depends on the datagram: the first branch that holds is taken, none where none does. */
	| { readonly kind: "map"; readonly branches: readonly Branch[] }
	/** Counts, logs, marks: the walk goes on. */
	| { readonly kind: "none" }
	/** Not understood: it may end the walk in any way. */
	| { readonly kind: "unknown" };

/** What is left out stays as it is. */
export interface Destination {
	/** Or a network, of which it is the address with the same end. */
	readonly address?: string;
	readonly port?: number;
}

export interface Branch {
	readonly holds: (packet: Packet) => Truth;
	readonly effect: Effect;
}

export interface Rule {
	/** As the tool lists it. */
	readonly text: string;
	/** Written by this program. */
	readonly ours: boolean;
	readonly holds: (packet: Packet) => Truth;
	readonly effect: Effect;
	/** Connection tracking looks for the datagram in another zone from here on, and for its answer not, unless told so too. */
	readonly rezones?: boolean;
	/** The marks of a datagram for which it holds, before its effect; without it they stay as they are. */
	readonly marks?: ((packet: Packet) => Marks) | undefined;
	/** The same with what it has put into sets, whether or not all of its conditions hold. */
	readonly notes?: ((packet: Packet) => Marks) | undefined;
}

/** What a rule says of its origin, whichever tool wrote it. */
export interface Origin {
	readonly chain: string;
	readonly comment: string | undefined;
	/** The chain it leads to. */
	readonly target: string | undefined;
}

/** Which rules this program wrote. */
export type IsOurs = (origin: Origin) => boolean;

export interface Chain {
	readonly name: string;
	readonly rules: readonly Rule[];
}

export interface BaseChain {
	/** As people name it: `inet filter`, `iptables filter`. */
	readonly table: string;
	readonly families: readonly Family[];
	readonly hook: Hook;
	/** Of an ingress or egress chain: the interfaces it stands at; undefined for every one. */
	readonly devices: readonly string[] | undefined;
	readonly priority: number;
	/** Sees the first datagram of each tracked flow and no other. */
	readonly nat: boolean;
	readonly policy: "accept" | "drop";
	readonly chain: Chain;
	/** The chains of its table, by name. */
	readonly chains: ReadonlyMap<string, Chain>;
}
