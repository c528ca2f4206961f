/** What the rules' own counters tell of a session whose client was never heard: where its datagrams end. Pure. */

import type { Opening } from "../../firewall/firewall.js";
import { openingKey } from "../../firewall/opening.js";
import { openingsOf } from "../sessions/policy.js";
import type { PortStatus } from "./status.js";

/** A client sends its first datagram within a round trip of its start (s): after this time it should have been heard. */
export const FIRST_WORD_S = 10;
/** A mosh-server that hears nothing ends after this time (s): one that does not report and is older was heard. */
const DEAF_SERVER_S = 60;

export const NOTHING_ARRIVED = "nothing reached this host's rule: look before it";
export const ANSWER_LOST = "datagrams arrive; the answer is lost";

function isUnheard({ state, reports, client, ageSeconds }: PortStatus): boolean {
	return (
		state !== "refused" &&
		state !== "pending" &&
		ageSeconds > FIRST_WORD_S &&
		(reports ? client === undefined : ageSeconds < DEAF_SERVER_S)
	);
}

/** What to ask the firewall about; nothing most of the time. */
export function unheardOpenings(ports: readonly PortStatus[]): Opening[] {
	return ports.filter(isUnheard).flatMap((port) => openingsOf(port, ports));
}

/** @param counted by opening; what does not count is left out */
export function withCounts(
	ports: readonly PortStatus[],
	counted: ReadonlyMap<string, number>,
): readonly PortStatus[] {
	return ports.map((port) => {
		if (!isUnheard(port)) {
			return port;
		}
		const counts = openingsOf(port, ports).flatMap((opening) => counted.get(openingKey(opening)) ?? []);
		if (counts.length === 0) {
			return port;
		}
		const packets = Math.max(...counts);
		if (packets > 0 && !port.reports) {
			// Nobody says whether it was heard.
			return port;
		}
		return { ...port, packets, note: packets === 0 ? NOTHING_ARRIVED : ANSWER_LOST };
	});
}
