/** Checks that a guard is running. */

import { askGuard } from "../queries/ask-guard.js";
import { bad, type Check, good } from "./check.js";

export const guard: Check = {
	name: "guard",
	examine: async ({ context }) => {
		const answer = await askGuard(context, { type: "status" }, "status");
		if (answer !== undefined) {
			return good("running");
		}
		return bad("not running: ports stay closed", "systemctl enable --now mosh-portguard");
	},
};
