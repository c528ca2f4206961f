/**
 * Takes the lock for a guard that starts. An on-demand guard that holds it is asked to hand over: it exits at once and leaves
 * every port open for its successor, so none closes in between. A permanent guard keeps the lock. Any other holder (a sync, a
 * guard that starts or ends) releases it soon.
 */

import { setTimeout as sleep } from "node:timers/promises";
import { ask } from "../guard-protocol/client.js";
import { GuardError } from "../guard-protocol/errors.js";
import { type Lock, takeLock } from "./lock.js";
import type { Paths } from "./paths.js";

/** An on-demand guard hands over within milliseconds, after a firewall command under way; the slowest one measured took 2 s. */
const TIMEOUT_MS = 10_000;
const POLL_MS = 25;
/** A running guard answers within milliseconds. */
const ANSWER_TIMEOUT_MS = 2000;

/**
 * @param isOnDemand for an on-demand guard, which asks no other guard to hand over
 * @throws GuardError `already-running`, `lock-failed`
 */
export async function acquireLock(paths: Paths, isOnDemand: boolean): Promise<Lock> {
	const deadline = performance.now() + TIMEOUT_MS;
	for (;;) {
		try {
			return takeLock(paths.lock);
		} catch (error) {
			const isTaken = error instanceof GuardError && error.code === "already-running";
			if (!isTaken || performance.now() > deadline || (await isKept(paths, isOnDemand))) {
				throw error;
			}
		}
		await sleep(POLL_MS);
	}
}

/** Whether a guard holds the lock and keeps it. */
async function isKept({ adminSocket }: Paths, isOnDemand: boolean): Promise<boolean> {
	try {
		const answer = await ask({ type: isOnDemand ? "status" : "yield" }, adminSocket, ANSWER_TIMEOUT_MS);
		return answer.type !== "yielded";
	} catch (error) {
		if (error instanceof GuardError) {
			return false;
		}
		throw error;
	}
}
