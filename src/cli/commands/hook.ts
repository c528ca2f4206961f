/**
 * `mosh-portguard hook`: what an ordinary user may run by sudo when he logs in. It takes no arguments and believes nothing
 * but SUDO_UID, which sudo sets itself, and the kernel: all it can cause is that the guard looks, as it would anyway.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { askGuard } from "../ask-guard.js";
import { CommandError, type Context, needRoot } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { OWN_ENVIRONMENT, ownCommand } from "../own-command.js";

/** From the ssh part of a login to its mosh-server: seconds on a slow machine behind a slow network. */
const ARM_SECONDS = 20;

/** A watcher is ready a quarter of a second after its start; after ten times that the login goes on without it. */
const READY_POLL_MS = 25;
const READY_POLLS = 100;

export async function hook(context: Context, environment: NodeJS.ProcessEnv = process.env): Promise<number> {
	needRoot(context, "the hook");
	const caller = environment.SUDO_UID;
	// Absent when root runs it himself.
	if (caller !== undefined && !/^\d{1,10}$/.test(caller)) {
		throw new CommandError("notPermitted", "SUDO_UID is not a number: run the hook by sudo");
	}
	if (await arm(context)) return EXIT.ok;
	const watcher = watchInBackground(ARM_SECONDS);
	// The caller's next step may be the mosh-server: it must not be faster than its watcher.
	for (let i = 0; i < READY_POLLS && watcher.exitCode === null; i++) {
		await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
		if (await arm(context)) return EXIT.ok;
	}
	return EXIT.noGuard;
}

async function arm(context: Context): Promise<boolean> {
	return (await askGuard(context, { type: "arm", seconds: ARM_SECONDS }, "armed")) !== undefined;
}

/** No guard: be one for a while. Should another hook have been faster, the lock lets only one of them stay. */
function watchInBackground(seconds: number): ChildProcess {
	const { file, args } = ownCommand("daemon", "--for", String(seconds));
	const child = spawn(file, args, {
		cwd: "/",
		detached: true,
		stdio: "ignore",
		env: OWN_ENVIRONMENT,
	});
	child.unref();
	return child;
}
