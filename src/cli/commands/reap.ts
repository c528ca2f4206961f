/** `mosh-portguard reap --idle DURATION`: ends the sessions that have been idle for a while. */

import { terminalIdleSeconds } from "../../system/terminal-idle.js";
import type { Context } from "../context.js";
import { endSessions } from "../end-sessions.js";
import type { ChangeOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { currentStatus } from "../queries/current-status.js";

/**
 * A session is idle when, according to the kernel, nobody has typed into its terminal for that long and its client, if its
 * server reports one, has been silent as long. Reports of servers can be forged, so they can only spare a session.
 */
export async function reap(context: Context, idleSeconds: number, options: ChangeOptions): Promise<number> {
	const idle = (await currentStatus(context)).ports.filter(
		({ pid, silentSeconds = Number.POSITIVE_INFINITY }) => {
			const typed = pid === undefined ? undefined : terminalIdleSeconds(pid);
			return typed !== undefined && typed >= idleSeconds && silentSeconds >= idleSeconds;
		},
	);
	endSessions(context, idle, options);
	return EXIT.ok;
}
