/** Checks that no mosh-server was refused its port and that the guard reports no other problem. */

import { endpoint } from "../../system/addresses.js";
import { bad, type Check, good } from "./check.js";

export const sessions: Check = {
	name: "sessions",
	examine: async ({ status }) => {
		const { ports, problems } = await status();
		const refused = ports.filter(({ state }) => state === "refused");
		if (refused.length > 0) {
			const reasons = refused.map((port) => `${endpoint(port)} (${port.reason})`);
			return bad(`refused: ${reasons.join(", ")}`, `mosh-portguard explain ${refused[0]?.port}`);
		}
		const [problem] = problems;
		if (problem !== undefined) {
			return bad(problem.message, "mosh-portguard status");
		}
		if (ports.length === 0) {
			return good("no mosh-server holds a port now");
		}
		return good(`mosh-servers that hold a port: ${ports.length}`);
	},
};
