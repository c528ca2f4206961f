/** The status from the running guard, or, with none, as found by looking at the kernel and the firewall ourselves. */

import { createOneShot } from "../../daemon/create-guard.js";
import type { Status } from "../../guard/report/status.js";
import type { Context } from "../context.js";
import { askGuard } from "./ask-guard.js";

export async function currentStatus(context: Context): Promise<Status> {
	const answer = await askGuard(context, { type: "status" }, "status");
	return answer === undefined ? await inspect(context) : (answer.status as Status);
}

/** What a guard would see and decide now. */
async function inspect(context: Context): Promise<Status> {
	const status = await (await createOneShot(context)).status();
	return context.privileged ? status : asSeenByUser(status);
}

/** Without root: no rules, and no look into other users' processes. Nothing is said of what cannot be known. */
function asSeenByUser(status: Status): Status {
	const message =
		"No guard is running and you are not root: only your own sessions are shown, and no rules. Try sudo.";
	return {
		...status,
		firewall: { ...status.firewall, name: "unknown", healthy: false },
		ports: status.ports.filter(({ code }) => code !== "holder-unreadable"),
		problems: [...status.problems, { code: "not-root", message }],
	};
}
