/** What `mosh-portguard status --json` shows. Versioned: keys may be added within a schema number, never changed. */

import type { Opening } from "../../firewall/firewall.js";
import type { RefusalCode } from "../sessions/refusals.js";

export const STATUS_SCHEMA = 1;

export interface Problem {
	readonly code: string;
	/** A sentence for people. */
	readonly message: string;
}

export const PORT_STATES = ["open", "unverified", "blocked", "pending", "refused"] as const;
export type PortState = (typeof PORT_STATES)[number];

export interface PortStatus extends Opening {
	/**
	 * `open`: the rules of the host let datagrams in and the answers out. `unverified`: what the rules do cannot be told, or
	 * could not be read. `blocked`: opened, but another rule shuts it. `pending`: allowed but not open (yet). `refused`: see `code`.
	 */
	readonly state: PortState;
	readonly code?: RefusalCode;
	/** Why it is refused, or the rules for which it is `blocked` or `unverified`. */
	readonly reason?: string;
	readonly uid: number;
	readonly user?: string;
	/** Seconds since the guard first saw the socket. */
	readonly ageSeconds: number;
	readonly pid?: number;
	readonly server?: string;
	/** Whether the server itself reports the session: what follows comes from its reports. */
	readonly reports: boolean;
	readonly client?: { readonly address: string; readonly port: number };
	/**
	 * Of a session whose client was never heard: datagrams that the guard's rule has let in, and what follows. Only for root, and
	 * where the rule counts.
	 */
	readonly packets?: number;
	readonly note?: string;
	/** Since the last datagram from the client, and since its user's last input. */
	readonly silentSeconds?: number;
	readonly idleSeconds?: number;
	/** Clients that watch the session, if there are any. */
	readonly watchers?: number;
	/** The session is over; its client is away, and the port is kept for a while so that it can be told. */
	readonly ending?: true;
}

export interface Status {
	readonly schema: typeof STATUS_SCHEMA;
	readonly guard: {
		readonly running: boolean;
		readonly pid?: number;
		readonly upSeconds?: number;
		readonly armedSeconds?: number;
		readonly leases?: number;
	};
	readonly firewall: { readonly name: string; readonly reason: string; readonly healthy: boolean };
	readonly range: { readonly first: number; readonly last: number };
	/** Sessions that hold a port, and sockets in the range that were refused one. */
	readonly ports: readonly PortStatus[];
	/** Open by a rule of ours without a session: closed at the next step. */
	readonly leftOver: readonly Opening[];
	readonly problems: readonly Problem[];
}

/**
 * What everybody may see: no more than /proc/net/udp and the process list show. A session's client, and the time of its user's
 * last input, are only for root.
 */
export function publicStatus(status: Status): Status {
	const ports = status.ports.map(
		({ client, silentSeconds, idleSeconds, watchers, packets, note, ...port }) => port,
	);
	return { ...status, ports };
}
