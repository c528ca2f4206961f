/** `mosh-portguard reap --idle DURATION`: ends the sessions that have been idle for a while. */

import type { PortStatus } from "../../guard/report/status.js";
import { terminalIdleSeconds } from "../../system/terminal-idle.js";
import type { Context } from "../context.js";
import { endSessions } from "../end-sessions.js";
import type { ChangeOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { currentStatus } from "../queries/current-status.js";

export async function reap(context: Context, idleSeconds: number, options: ChangeOptions): Promise<number> {
	endSessions(context, idlePorts((await currentStatus(context)).ports, idleSeconds), options);
	return EXIT.ok;
}

/**
 * A session is idle when, according to the kernel, nobody has typed into its terminal for that long and its client, if its
 * server reports one, has been silent as long; one that is over has no terminal any more. A session with several ports has its
 * client on one of them. Nobody who watches is cut off. Reports of servers can be forged, so they can only spare a session.
 * @param typed seconds since somebody typed into the terminal of a process; undefined if it has none
 */
export function idlePorts(
	ports: readonly PortStatus[],
	idleSeconds: number,
	typed: (pid: number) => number | undefined = terminalIdleSeconds,
): PortStatus[] {
	const isIdle = ({ silentSeconds = Number.POSITIVE_INFINITY, watchers = 0 }: PortStatus): boolean =>
		silentSeconds >= idleSeconds && watchers === 0;
	return ports.filter(({ pid }) => {
		if (pid === undefined) {
			return false;
		}
		const session = ports.filter((port) => port.pid === pid);
		const untouched = typed(pid) ?? (session.some(({ ending }) => ending) ? Number.POSITIVE_INFINITY : 0);
		return untouched >= idleSeconds && session.every(isIdle);
	});
}
