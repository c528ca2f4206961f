/** The status as the running guard reports it or, without one, as this process finds it in the kernel and the firewall. */

import { createOneShot } from "../../daemon/create-guard.js";
import type { Status } from "../../guard/report/status.js";
import type { Context } from "../context.js";
import { askGuard } from "./ask-guard.js";

export async function currentStatus(context: Context): Promise<Status> {
	const answer = await askGuard(context, { type: "status" }, "status");
	return answer === undefined ? await inspect(context) : (answer.status as Status);
}

/** What a guard would find and decide now. */
async function inspect(context: Context): Promise<Status> {
	const status = await (await createOneShot(context)).status();
	return context.privileged ? status : asSeenByUser(status);
}

/** Without root neither rules nor other users' processes can be read; what is unknown is left out. */
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
