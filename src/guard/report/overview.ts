/** The ports part of the status: combines sessions, verdicts, leases and the firewall's openings. Pure. */

import type { Opening } from "../../firewall/firewall.js";
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
): Overview {
	const isOpen = new Set(open.map(openingKey));
	const ports = sessions.map(([session, refusal]) => {
		const needed = openingsOf(session.socket, table).map(openingKey);
		return portStatus(
			session,
			refusal,
			needed.every((key) => isOpen.has(key)),
			leases,
			now,
		);
	});
	const wanted = sessions.flatMap(([{ socket, admitted }]) => (admitted ? openingsOf(socket, table) : []));
	return { ports: ports.sort((a, b) => a.port - b.port), leftOver: without(open, wanted) };
}

function portStatus(
	{ socket, holder, firstSeen }: TrackedSession,
	refusal: Refusal | undefined,
	isOpen: boolean,
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
		state: refusal !== undefined ? "refused" : isOpen ? "open" : "pending",
		...(refusal === undefined ? {} : { code: refusal.code, reason: explainRefusal(refusal) }),
		uid,
		ageSeconds: seconds(now - firstSeen),
		...identity,
		reports: lease !== undefined,
		...(lease?.client === undefined ? {} : { client: lease.client }),
		...(lease?.lastHeardAt === undefined ? {} : { silentSeconds: seconds(now - lease.lastHeardAt) }),
		...(lease?.lastInputAt === undefined ? {} : { idleSeconds: seconds(now - lease.lastInputAt) }),
	};
}

/** Rounded to a tenth: more would be noise, and a status then compares equal for a while. */
export function seconds(milliseconds: number): number {
	return Math.round(milliseconds / 100) / 10;
}
