/**
 * `mosh-portguard kill PORT`: ends the sessions that hold a port. The guard names the holders, from the kernel's tables;
 * only the guard knows which servers report to it.
 */

import type { Context } from "../context.js";
import { endSessions } from "../end-sessions.js";
import type { ChangeOptions } from "../options.js";
import { EXIT } from "../output/exit-codes.js";
import { currentStatus } from "../queries/current-status.js";

export async function kill(context: Context, port: number, options: ChangeOptions): Promise<number> {
	const holders = (await currentStatus(context)).ports.filter(
		(found) => found.port === port && found.pid !== undefined,
	);
	endSessions(context, holders, options);
	return holders.length > 0 ? EXIT.ok : EXIT.notOpen;
}
