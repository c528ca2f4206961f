/**
 * `mosh-portguard hook`: what an ordinary user may run by sudo when he logs in. It takes no arguments and believes nothing
 * but SUDO_UID, which sudo sets itself, and the kernel: all it can cause is that the guard looks, as it would anyway.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { GuardError } from "../../guard/errors.js";
import { ask } from "../../guard/wire/client.js";
import { CommandError, type Context, needRoot } from "../context.js";
import { EXIT } from "../exit-codes.js";
import { OWN_ENVIRONMENT, ownCommand } from "../own-command.js";

/** From the ssh part of a login to its mosh-server: seconds on a slow machine behind a slow network. */
const ARM_SECONDS = 20;

/** A watcher is ready a quarter of a second after its start; after ten times that the login goes on without it. */
const READY_MS = 2500;
const READY_POLL_MS = 25;

export async function hook(context: Context, environment: NodeJS.ProcessEnv = process.env): Promise<number> {
	needRoot(context, "the hook");
	const caller = environment.SUDO_UID;
	// Absent when root runs it himself.
	if (caller !== undefined && !/^\d{1,10}$/.test(caller)) {
		throw new CommandError("notPermitted", "SUDO_UID is not a number: run the hook by sudo");
	}
	if (await arm(context)) return EXIT.ok;
	const watcher = watchInBackground(ARM_SECONDS);
	const deadline = performance.now() + READY_MS;
	// The caller's next step may be the mosh-server: it must not be faster than its watcher.
	for (;;) {
		// It also ends when another hook's watcher was faster, which then is there to ask.
		const last = watcher.exitCode !== null || performance.now() > deadline;
		if (await arm(context)) return EXIT.ok;
		if (last) return EXIT.noGuard;
		await sleep(READY_POLL_MS);
	}
}

/** False without a guard, with one that is just ending, and with one that hangs. */
async function arm({ paths }: Context): Promise<boolean> {
	try {
		const answer = await ask({ type: "arm", seconds: ARM_SECONDS }, paths.adminSocket, READY_MS);
		return answer.type === "armed";
	} catch (error) {
		if (error instanceof GuardError) return false;
		throw error;
	}
}

/**
 * No guard: a watcher until the login has had its time and the last session has ended. Should another hook have been faster,
 * the lock lets only one of them stay.
 */
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
