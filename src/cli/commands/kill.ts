/**
 * `mosh-portguard kill PORT` and `reap --idle DURATION`: end sessions; the guard closes their ports as they go.
 * Who holds a port is the guard's word, which has it from the kernel; only the guard knows who reports.
 */

import type { PortStatus } from "../../guard/report/status.js";
import { terminalIdleSeconds } from "../../system/terminal-idle.js";
import { CliError, type Context } from "../context.js";
import { EXIT } from "../output/exit-codes.js";
import { duration, endpoint, json } from "../output/format.js";
import { currentStatus } from "../queries/current-status.js";
import type { ChangeOptions } from "./sync.js";

export async function kill(context: Context, port: number, options: ChangeOptions): Promise<number> {
	const holders = (await currentStatus(context)).ports.filter(
		(found) => found.port === port && found.pid !== undefined,
	);
	end(context, holders, options);
	return holders.length > 0 ? EXIT.ok : EXIT.notOpen;
}

/**
 * A session is idle when the kernel says that nobody has typed into its terminal for that long, and its client, if its
 * server reports one, has been silent as long. What servers report can be forged by others and so only ever spares a session.
 */
export async function reap(context: Context, idleSeconds: number, options: ChangeOptions): Promise<number> {
	const idle = (await currentStatus(context)).ports.filter(
		({ pid, silentSeconds = Number.POSITIVE_INFINITY }) => {
			const typed = pid === undefined ? undefined : terminalIdleSeconds(pid);
			return typed !== undefined && typed >= idleSeconds && silentSeconds >= idleSeconds;
		},
	);
	end(context, idle, options);
	return EXIT.ok;
}

function end(
	context: Context,
	ports: readonly PortStatus[],
	{ dryRun = false, json: asJson = false }: ChangeOptions,
): void {
	const ended = ports.filter(({ pid }) => pid !== undefined && (dryRun || terminate(pid)));
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

/** SIGTERM: a mosh-server then tells its client, and ends. False when it had ended already. */
function terminate(pid: number): boolean {
	try {
		return process.kill(pid, "SIGTERM");
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === "ESRCH") return false;
		if (code === "EPERM") {
			throw new CliError("notPermitted", `process ${pid} belongs to another user; try sudo`);
		}
		throw error;
	}
}
