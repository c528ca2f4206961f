/** Selects the session that an `attach` refers to. */

import type { Target } from "../startup/arguments.js";
import type { Asked } from "./ask.js";
import { isDetached } from "./describe.js";

/**
 * The one named; `last`: the one heard last, whoever has it; with no word the one heard last of those whose client has gone, so
 * that nobody loses a session by it. Undefined if there is none.
 */
export function choose(servers: readonly Asked[], target: Target): Asked | undefined {
	if (typeof target === "number") {
		return servers.find(({ pid }) => pid === target);
	}
	const silence = ({ facts }: Asked): number => facts?.silentMs ?? Number.POSITIVE_INFINITY;
	const eligible = servers.filter((server) =>
		target === "last" ? server.facts?.state === "running" : isDetached(server),
	);
	return eligible.sort((a, b) => silence(a) - silence(b) || b.pid - a.pid)[0];
}
