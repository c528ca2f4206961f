/** Decides how long an on-demand guard, which logins start, is needed. */

import { setTimeout as sleep } from "node:timers/promises";
import type { Guard } from "../guard/guard.js";
import { messageOf } from "../system/errors.js";
import type { Log } from "./log.js";
import { LoginNotices } from "./login-notices.js";
import type { Paths } from "./paths.js";

/** How long an on-demand guard may outlive its last session. */
const IDLE_CHECK_MS = 1000;

/** Resolves `seconds` after the last announced login or at the end of the last session, whichever is later. */
export async function noLongerNeeded(
	guard: Guard,
	seconds: number,
	paths: Paths,
	log: Log,
	signal: AbortSignal,
): Promise<void> {
	const notices = new LoginNotices(
		paths,
		() => guard.alert(seconds),
		(cause) => log.event("watch.failed", { trigger: "login-hook", cause: messageOf(cause) }),
	);
	notices.start();
	try {
		do {
			await sleep(Math.max(guard.alertMs, IDLE_CHECK_MS), undefined, { signal });
			await guard.scanned();
		} while (guard.alertMs > 0 || guard.hasAdmitted);
	} finally {
		notices.stop();
	}
}
