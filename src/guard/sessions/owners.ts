/** Finds the user of the session that each opening serves, for the log. Pure. */

import type { Opening } from "../../firewall/firewall.js";
import { openingKey } from "../../firewall/opening.js";
import { openingsOf } from "./policy.js";
import type { SessionTracker } from "./tracker.js";

export function withOwners(
	openings: readonly Opening[],
	tracker: Pick<SessionTracker, "sessionsAt">,
): (Opening & { readonly uid?: number })[] {
	if (openings.length === 0) {
		return [];
	}
	const sessions = tracker.sessionsAt(new Set(openings.map(({ port }) => port)));
	const table = sessions.map(({ socket }) => socket);
	const owners = new Map<string, number>();
	for (const { socket, admitted } of sessions) {
		if (!admitted) {
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
