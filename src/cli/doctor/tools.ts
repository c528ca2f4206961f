/** The system's commands that the guard uses beside the firewall's own. */

import { bad, type Check, good, hint } from "./check.js";

/** Each with the package that brings it. */
const USES = { flock: "util-linux", stdbuf: "coreutils", ss: "iproute2", conntrack: "conntrack" } as const;

export const tools: Check = {
	name: "tools",
	examine: async ({ context }) => {
		const missing: string[] = [];
		const packages: string[] = [];
		for (const [tool, name] of Object.entries(USES)) {
			if ((await context.commands.find(tool)) !== undefined) continue;
			missing.push(tool);
			packages.push(name);
		}
		if (missing.length === 0) return good(Object.keys(USES).join(", "));
		// Without the lock no guard starts; without the others it notices later, or leaves flows to time out.
		const result = missing.includes("flock") ? bad : hint;
		return result(`missing: ${missing.join(", ")}`, `apt install ${packages.join(" ")}`);
	},
};
