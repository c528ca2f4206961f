/** Checks for the system's commands that the guard uses, apart from those of the firewall. */

import { bad, type Check, good, hint } from "./check.js";

/** Each with the package that provides it. */
const USES = { flock: "util-linux", stdbuf: "coreutils", ss: "iproute2", conntrack: "conntrack" } as const;

export const tools: Check = {
	name: "tools",
	examine: async ({ context }) => {
		const missing: string[] = [];
		const packages: string[] = [];
		for (const [tool, name] of Object.entries(USES)) {
			if ((await context.commands.find(tool)) !== undefined) {
				continue;
			}
			missing.push(tool);
			packages.push(name);
		}
		if (missing.length === 0) {
			return good(Object.keys(USES).join(", "));
		}
		// Without flock no guard starts; without the others it notices changes later, or flows of closed ports time out by themselves.
		const result = missing.includes("flock") ? bad : hint;
		return result(`missing: ${missing.join(", ")}`, `apt install ${packages.join(" ")}`);
	},
};
