/** Checks that the firewall in force is known and can be read and changed. */

import { bad, type Check, good, hint } from "./check.js";

export const firewall: Check = {
	name: "firewall",
	examine: async ({ context, status }) => {
		if (!context.privileged) {
			return hint(
				"only root can read its rules and see whether clients have been heard",
				"run doctor as root",
			);
		}
		const { problems, firewall: found } = await status();
		const { name, reason, healthy } = found;
		const unserved = problems.find(({ code }) => code === "firewall-unserved");
		if (healthy && unserved !== undefined) {
			return bad(`${name}: ${unserved.message}`, UNSERVED);
		}
		if (healthy) {
			return good(`${name}: ${reason}`);
		}
		return bad(`${name} cannot be read or changed`, "mosh-portguard status says why");
	},
};

const UNSERVED =
	'firewall.name = "auto" serves every firewall that drops; one that nobody can change must be turned off';
