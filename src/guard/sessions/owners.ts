/** Finds the user of the session that each opening serves, for the log. Pure. */

import type { Opening } from "../../firewall/firewall.js";
import { openingKey } from "../../firewall/opening.js";
import { openingsOf } from "./policy.js";
import type { SessionTracker } from "./tracker.js";

export function withOwners(
	openings: readonly Opening[],
	{ sessions, table }: Pick<SessionTracker, "sessions" | "table">,
): (Opening & { readonly uid?: number })[] {
	if (openings.length === 0) {
		return [];
	}
	// Few were opened, among many sessions.
	const ports = new Set(openings.map(({ port }) => port));
	const owners = new Map<string, number>();
	for (const { socket, admitted } of sessions) {
		if (!admitted || !ports.has(socket.port)) {
			continue;
		}
		for (const opening of openingsOf(socket, table)) {
			owners.set(openingKey(opening), socket.uid);
		}
	}
	return openings.map((opening) => {
		const uid = owners.get(openingKey(opening));
		return uid === undefined ? opening : { ...opening, uid };
	});
}
