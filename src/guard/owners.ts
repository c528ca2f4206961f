/** Whose session each opening serves, for the log. Pure. */

import type { Opening } from "../firewall/firewall.js";
import { openingKey } from "../firewall/opening.js";
import { openingsOf } from "./policy.js";
import type { SessionTracker } from "./sessions.js";

export function withOwners(
	openings: readonly Opening[],
	{ sessions, table }: Pick<SessionTracker, "sessions" | "table">,
): (Opening & { readonly uid?: number })[] {
	if (openings.length === 0) return [];
	const owners = new Map(
		sessions.flatMap(({ socket, standing }) =>
			standing ? openingsOf(socket, table).map((opening) => [openingKey(opening), socket.uid] as const) : [],
		),
	);
	return openings.map((opening) => {
		const uid = owners.get(openingKey(opening));
		return uid === undefined ? opening : { ...opening, uid };
	});
}
