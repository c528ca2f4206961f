/** Cuts the flows that the kernel still lets through to a port after it was closed. */

import type { Opening } from "./firewall.js";
import { checkOpening, isWildcard } from "./opening.js";
import type { Commands } from "./run.js";

/** conntrack's exit code when no entry matched. */
const NOTHING_DELETED = 1;

/**
 * Deletes the conntrack entries of flows to closed openings; without it a client of the ended session, or anybody with
 * its address, reaches whatever binds the port next. Only for ports that no wanted socket has: a live session survives
 * it, but needs a datagram of its own to be heard again.
 * @throws FirewallError `tool-missing` where the package conntrack is not installed
 */
export async function cutFlows(commands: Commands, closed: readonly Opening[]): Promise<void> {
	for (const opening of closed) {
		checkOpening(opening);
		const destination = isWildcard(opening) ? [] : ["--orig-dst", opening.address];
		await commands.run(
			"conntrack",
			["-D", "-f", opening.family, "-p", "udp", ...destination, "--orig-port-dst", String(opening.port)],
			{ answers: [NOTHING_DELETED] },
		);
	}
}
