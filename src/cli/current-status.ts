/** The status from the running guard, or, with none, as found by looking at the kernel and the firewall ourselves. */

import type { Status } from "../guard/status.js";
import { askGuard } from "./ask-guard.js";
import { assemble } from "./assemble.js";
import type { Context } from "./context.js";

export async function currentStatus(context: Context): Promise<Status> {
	const answer = await askGuard(context, { type: "status" }, "status");
	return answer === undefined ? await inspect(context) : (answer.status as Status);
}

/** What a guard would see and decide now. Without root it sees no other user's processes and no rules: that is said. */
export async function inspect(context: Context): Promise<Status> {
	const { guard } = await assemble(context);
	return await guard.inspect();
}
