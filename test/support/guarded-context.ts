/** What a command of the command line has: a pretended guard to ask, and what it writes is kept. */

import type { Context } from "../../src/cli/context.js";
import { pathsIn } from "../../src/daemon/paths.js";
import type { PortStatus, Status } from "../../src/guard/report/status.js";
import type { Request } from "../../src/guard-protocol/messages.js";
import type { Commands } from "../../src/system/commands.js";
import { PretendedGuard, type Said } from "./pretended-guard.js";
import { scratchFolder } from "./scratch.js";

export const PORT: PortStatus = {
	family: "ipv4",
	address: "192.0.2.1",
	port: 60001,
	state: "open",
	uid: 1000,
	ageSeconds: 60,
	pid: 4711,
	reports: true,
};

export function statusOf(over: Partial<Status> = {}): Status {
	return {
		schema: 1,
		guard: { running: true, pid: 1 },
		firewall: { name: "ufw", reason: "because", healthy: true },
		range: { first: 60001, last: 60999 },
		ports: [PORT],
		leftOver: [],
		problems: [],
		...over,
	};
}

/** Knows one user, alice, whose number is 1000. */
const COMMANDS: Partial<Commands> = {
	find: async (tool) => (tool === "getent" ? "/usr/bin/getent" : undefined),
	run: async (_tool, args) => {
		const found = ["1000", "alice"].includes(args.at(-1) ?? "");
		const stdout = found ? "alice:x:1000:1000::/home/alice:/bin/sh\n" : "";
		return { stdout, stderr: "", exitCode: found ? 0 : 2 };
	},
};

/** Runs a command as root, with a guard that answers so, or without any. */
export async function runs(
	command: (context: Context) => Promise<number>,
	answer?: (request: Request) => Said,
	{ privileged = true } = {},
) {
	const paths = pathsIn("/nonexistent/config.toml", scratchFolder());
	const written: string[] = [];
	const complaints: string[] = [];
	const context: Context = {
		write: (text) => written.push(text),
		complain: (text) => complaints.push(text),
		commands: COMMANDS as Commands,
		paths,
		privileged,
	};
	const guard =
		answer && (await PretendedGuard.start(answer, privileged ? paths.adminSocket : paths.publicSocket));
	try {
		const code = await command(context);
		return { code, text: written.join(""), complaints: complaints.join(""), heard: guard?.heard ?? [] };
	} finally {
		await guard?.stop();
	}
}

/** Answers every question for the status with it. */
export const tells =
	(status: Status) =>
	({ type }: Request): Said =>
		type === "status" ? { type: "status", status } : { type: "error", code: "failed", reason: `no ${type}` };
