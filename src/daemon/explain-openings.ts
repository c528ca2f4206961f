/** Explains what the firewall lists as open by the rules of the host, within the time that a status may take. */

import { setImmediate } from "node:timers/promises";
import type { Explanation, Opening } from "../firewall/firewall.js";
import { openingKey } from "../firewall/opening.js";
import { UNREACHED, Verifier } from "../firewall/verify.js";
import type { Explanations } from "../guard/verification.js";
import type { Commands } from "../system/commands.js";
import { messageOf } from "../system/errors.js";
import type { Netlink } from "../system/netlink.js";

/** Of the time: what a slow tool would have shown is unknown, and what the others have shown is still to be followed. */
const COMMANDS_SHARE = 0.85;

/**
 * Never rejects.
 * @param held what the firewall lists as opened by the guard
 * @param withinMs for the commands and for following the datagrams: a thousand ports through a thousand rules take longer
 */
export async function explainHeld(
	commands: Commands,
	held: readonly Opening[],
	withinMs: number,
	netlink?: Netlink,
): Promise<Explanations> {
	const end = performance.now() + withinMs;
	const found = new Map<string, Explanation>();
	const fail = (rule: string) => {
		for (const key of held.map(openingKey)) {
			if (!found.has(key)) {
				found.set(key, { verdict: "unknown", by: "admin", rule });
			}
		}
		return found;
	};
	try {
		const verifier = await Verifier.read(commands, {
			withinMs: withinMs * COMMANDS_SHARE,
			firewall: { list: async () => [...held] },
			netlink,
		});
		for (const [index, opening] of held.entries()) {
			if (index > 0 && performance.now() > end) {
				return fail("there are too many ports and rules to follow in time");
			}
			const explanation = await verifier.explain(opening);
			found.set(openingKey(opening), explanation ?? UNREACHED);
			// The guard has logins to serve meanwhile.
			await setImmediate();
		}
		return found;
	} catch (error) {
		return fail(messageOf(error));
	}
}
