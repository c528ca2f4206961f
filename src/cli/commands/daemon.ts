/** `mosh-portguard daemon`: runs the guard in the foreground until SIGTERM or, with `--for`, until it is no longer needed. */

import { type DaemonEnd, type DaemonOptions, runDaemon } from "../../daemon/daemon.js";
import { createLog } from "../../daemon/log.js";
import { ownFile } from "../../daemon/own-command.js";
import { loadNetlink } from "../../system/netlink.js";
import { type Context, needPrivilege } from "../context.js";
import { EXIT } from "../output/exit-codes.js";

const EXIT_OF: Record<DaemonEnd, number> = { stopped: EXIT.ok, "firewall-switched": EXIT.firewallExchanged };

export async function daemon(context: Context, options: DaemonOptions): Promise<number> {
	needPrivilege(context, "the daemon");
	const log = createLog(context.write, process.env.JOURNAL_STREAM !== undefined);
	const host = { netlink: loadNetlink(ownFile("netlink.node")), ...context };
	return EXIT_OF[await runDaemon(host, log, options)];
}
