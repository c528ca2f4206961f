/** How long a guard stays that is started by logins and ends when it is no longer needed. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Guard } from "../guard/guard.js";
import { messageOf } from "../system/errors.js";
import type { Log } from "./log.js";
import { LoginNotices } from "./login-notices.js";
import type { Paths } from "./paths.js";

/** So long may a watcher outlive its last session. */
const IDLE_LOOK_MS = 1000;

/** Resolves `seconds` after the last login was announced, or with the end of the last session, whichever is later. */
export async function noLongerNeeded(
	guard: Guard,
	seconds: number,
	paths: Paths,
	log: Log,
	signal: AbortSignal,
): Promise<void> {
	const notices = new LoginNotices(
		paths,
		() => guard.arm(seconds),
		(cause) => log.event("watch.failed", { trigger: "login-hook", cause: messageOf(cause) }),
	);
	notices.start();
	try {
		do {
			await sleep(Math.max(guard.armedMs, IDLE_LOOK_MS), undefined, { signal });
			await guard.looked();
		} while (guard.armedMs > 0 || guard.serves);
	} finally {
		notices.stop();
	}
}
