/** The ports part of the status: combines sessions, verdicts, leases and the firewall's openings. Pure. */

import { decidedBy } from "../../firewall/decided-by.js";
import type { Explanation, Opening } from "../../firewall/firewall.js";
import { openingKey, without } from "../../firewall/opening.js";
import type { UdpSocket } from "../kernel/udp-socket.js";
import { explainRefusal } from "../sessions/admissions.js";
import { isIdentity } from "../sessions/identity.js";
import type { Leases } from "../sessions/leases.js";
import { openingsOf } from "../sessions/policy.js";
import type { Refusal } from "../sessions/refusals.js";
import type { TrackedSession } from "../sessions/tracker.js";
import type { PortStatus } from "./status.js";

export interface Overview {
	readonly ports: readonly PortStatus[];
	readonly leftOver: readonly Opening[];
}

export function overview(
	sessions: readonly (readonly [TrackedSession, Refusal | undefined])[],
	table: readonly UdpSocket[],
	open: readonly Opening[],
	leases: Leases,
	now: number,
	explanations: ReadonlyMap<string, Explanation> = new Map(),
): Overview {
	const isOpen = new Set(open.map(openingKey));
	const ports = sessions.map(([session, refusal]) => {
		const needed = openingsOf(session.socket, table).map(openingKey);
		const portState =
			refusal === undefined
				? portStateOf(
						needed.every((key) => isOpen.has(key)),
						needed.map((key) => explanations.get(key)),
					)
				: ({ state: "refused", code: refusal.code, reason: explainRefusal(refusal) } as const);
		return portStatus(session, portState, leases, now);
	});
	const wanted = sessions.flatMap(([{ socket, admitted }]) => (admitted ? openingsOf(socket, table) : []));
	return { ports: ports.sort((a, b) => a.port - b.port), leftOver: without(open, wanted) };
}

type PortState = Pick<PortStatus, "state" | "code" | "reason">;

/** @param explanations of all that the socket needs; undefined where nothing is known */
function portStateOf(isListed: boolean, explanations: readonly (Explanation | undefined)[]): PortState {
	const known = explanations.flatMap((explanation) => explanation ?? []);
	const shut = shutBy(known);
	// A firewall that cannot be changed now, or a rule of the administrator's, may let datagrams in all the same.
	const isOpen = isListed || known.length === explanations.length;
	const only = known.find((explanation) => explanation.only !== undefined)?.only;
	return shut ?? { state: isOpen ? "open" : "pending", ...(isOpen && only ? { reason: only } : {}) };
}

/** Undefined where all are open: a port that is opened for every address is as open as the worst of them. */
export function shutBy(
	explanations: readonly Explanation[],
): { readonly state: "blocked" | "unverified"; readonly reason: string } | undefined {
	const closed = explanations.find(({ verdict }) => verdict === "closed");
	if (closed !== undefined) {
		return { state: "blocked", reason: `closed by ${decidedBy(closed)}` };
	}
	const unknown = explanations.find(({ verdict }) => verdict === "unknown");
	return unknown && { state: "unverified", reason: decidedBy(unknown) };
}

function portStatus(
	{ socket, holder, firstSeen }: TrackedSession,
	portState: PortState,
	leases: Leases,
	now: number,
): PortStatus {
	const { family, address, port, uid } = socket;
	const identity = isIdentity(holder) ? { pid: holder.pid, server: holder.path } : {};
	const lease = isIdentity(holder) ? leases.of(socket, holder.pid) : undefined;
	return {
		family,
		address,
		port,
		...portState,
		uid,
		ageSeconds: seconds(now - firstSeen),
		...identity,
		reports: lease !== undefined,
		...(lease?.client === undefined ? {} : { client: lease.client }),
		...(lease?.lastHeardAt === undefined ? {} : { silentSeconds: seconds(now - lease.lastHeardAt) }),
		...(lease?.lastInputAt === undefined ? {} : { idleSeconds: seconds(now - lease.lastInputAt) }),
		...(lease?.watchers ? { watchers: lease.watchers } : {}),
		...(lease?.ending ? { ending: true as const } : {}),
	};
}

/** Rounded to a tenth: more would be noise, and a status then compares equal for a while. */
export function seconds(milliseconds: number): number {
	return Math.round(milliseconds / 100) / 10;
}
