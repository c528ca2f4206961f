/**
 * The guard's lock, for a guard that starts. A watcher that has it is asked to yield: it ends at once and leaves every port
 * open for its successor, so none closes in between. A guard that stays keeps the lock. Whoever else has it (a sync, a guard
 * that starts or ends) is done in a moment.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../guard-protocol/client.js";
import { GuardError } from "../guard-protocol/errors.js";
import { type Lock, takeLock } from "./lock.js";
import type { Paths } from "./paths.js";

/** A watcher yields within milliseconds; a firewall command under way ends first, and the slowest one measured takes 2 s. */
const PATIENCE_MS = 10_000;
const POLL_MS = 25;
/** A guard at work answers in milliseconds. */
const ANSWER_MS = 2000;

/** `isWatcher`: it asks nobody to yield. Throws GuardError `already-running` and `lock-failed`. */
export async function acquireLock(paths: Paths, isWatcher: boolean): Promise<Lock> {
	const deadline = performance.now() + PATIENCE_MS;
	for (;;) {
		try {
			return takeLock(paths.lock);
		} catch (error) {
			const taken = error instanceof GuardError && error.code === "already-running";
			if (!taken || performance.now() > deadline || (await stays(paths, isWatcher))) throw error;
		}
		await sleep(POLL_MS);
	}
}

/** Whether a guard has the lock that goes on. */
async function stays({ adminSocket }: Paths, isWatcher: boolean): Promise<boolean> {
	try {
		const answer = await ask({ type: isWatcher ? "status" : "yield" }, adminSocket, ANSWER_MS);
		return answer.type !== "yielded";
	} catch (error) {
		if (error instanceof GuardError) return false;
		throw error;
	}
}
