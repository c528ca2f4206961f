/** The status as the running guard reports it or, without one, as this process finds it in the kernel and the firewall. */

import { createOneShot } from "../../daemon/create-guard.js";
import type { Status } from "../../guard/report/status.js";
import type { Context } from "../context.js";
import { askGuard } from "./ask-guard.js";

export async function currentStatus(context: Context): Promise<Status> {
	const answer = await askGuard(context, { type: "status" }, "status");
	return answer === undefined ? await inspect(context) : (answer.status as Status);
}

/** Nobody waits longer for a status than 2 s, whatever holds a lock: so long (ms) for names, firewall and rules together. */
const WITHIN_MS = 1700;

/** What a guard would find and decide now. */
async function inspect(context: Context): Promise<Status> {
	const end = performance.now() + WITHIN_MS;
	const oneShot = await createOneShot(context, { withinMs: WITHIN_MS });
	const status = await oneShot.status(Math.max(0, end - performance.now()));
	return context.privileged ? status : asSeenByUser(status);
}

/** Without root neither rules nor other users' processes can be read: that is why the firewall is not known. */
function asSeenByUser(status: Status): Status {
	const message =
		"No guard is running and you are not root: only your own sessions are shown, and no rules. Try sudo.";
	return {
		...status,
		ports: status.ports.filter(({ code }) => code !== "holder-unreadable"),
		problems: status.problems.map((problem) =>
			problem.code === "firewall-failed" ? { code: "not-root", message } : problem,
		),
	};
}
