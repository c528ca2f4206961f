/** Ends sessions on behalf of `kill` and `reap`, and reports which; the guard closes their ports when they are gone. */

import type { PortStatus } from "../guard/report/status.js";
import { endpoint } from "../system/addresses.js";
import { CliError, type Context } from "./context.js";
import type { ChangeOptions } from "./options.js";
import { duration, json } from "./output/format.js";

/** @throws CliError `notPermitted` for another user's session */
export function endSessions(
	context: Context,
	ports: readonly PortStatus[],
	{ dryRun = false, json: asJson = false }: ChangeOptions,
): void {
	// A session with several ports is ended once: a second signal would leave its client no time to be told.
	const pids = new Set(ports.flatMap(({ pid }) => (pid === undefined ? [] : [pid])));
	const gone = new Set([...pids].filter((pid) => !dryRun && !terminate(pid)));
	const ended = ports.filter(({ pid }) => pid !== undefined && !gone.has(pid));
	if (asJson) {
		const rows = ended.map(({ family, address, port, pid, uid }) => ({ family, address, port, pid, uid }));
		context.write(json({ schema: 1, dryRun, ended: rows }));
		return;
	}
	const verb = dryRun ? "would end" : "ended";
	const lines = ended.map(
		(port) => `${verb}  ${endpoint(port)}  pid ${port.pid}  age ${duration(port.ageSeconds)}`,
	);
	context.write(lines.length === 0 ? "no such session\n" : `${lines.join("\n")}\n`);
}

/** On SIGTERM a mosh-server notifies its client before it exits. False when the process had already exited. */
function terminate(pid: number): boolean {
	try {
		return process.kill(pid, "SIGTERM");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ESRCH") {
			return false;
		}
		if (code === "EPERM") {
			throw new CliError("notPermitted", `process ${pid} belongs to another user; try sudo`);
		}
		throw error;
	}
}
