/**
 * `mosh-portguard hook`: what an ordinary user may run by sudo when he logs in. It takes no arguments and believes nothing
 * but SUDO_UID, which sudo sets itself, and the kernel: all it can cause is that the guard looks, as it would anyway.
 */

import { spawn } from "node:child_process";
import { askGuard } from "../ask-guard.js";
import { CommandError, type Context, needRoot } from "../context.js";
import { EXIT } from "../exit-codes.js";

/** From the ssh part of a login to its mosh-server: seconds on a slow machine behind a slow network. */
const ARM_SECONDS = 20;

export async function hook(context: Context, environment: NodeJS.ProcessEnv = process.env): Promise<number> {
	needRoot(context, "the hook");
	const caller = environment.SUDO_UID;
	// Absent when root runs it himself.
	if (caller !== undefined && !/^\d{1,10}$/.test(caller)) {
		throw new CommandError("notPermitted", "SUDO_UID is not a number: run the hook by sudo");
	}
	const answer = await askGuard(context, { type: "arm", seconds: ARM_SECONDS }, "armed");
	if (answer === undefined) watchInBackground(ARM_SECONDS);
	return EXIT.ok;
}

/** No guard: be one for a while. Should another hook have been faster, the lock lets only one of them stay. */
function watchInBackground(seconds: number): void {
	// A single executable holds its script: what it calls argv[1] is itself.
	const script = process.argv.slice(1, 2).filter((path) => path !== process.execPath);
	const program = [...process.execArgv, ...script];
	const child = spawn(process.execPath, [...program, "daemon", "--for", String(seconds)], {
		cwd: "/",
		detached: true,
		stdio: "ignore",
		env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", LC_ALL: "C" },
	});
	child.unref();
}
