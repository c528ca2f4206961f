/** Checks that a trusted mosh-server is installed and that only root can change it. */

import { statSync } from "node:fs";
import { readConfig } from "../../daemon/configuration.js";
import { onlyRootWrites } from "../../system/ownership.js";
import { bad, type Check, good } from "./check.js";

export const server: Check = {
	name: "mosh-server",
	examine: async ({ context }) => {
		const { servers } = readConfig(context.paths.config).config;
		const paths = [...servers.executables, ...servers.scripts.map(({ script }) => script)];
		const found = paths.flatMap((path) => {
			const stat = statSync(path, { throwIfNoEntry: false });
			return stat === undefined ? [] : [{ path, stat }];
		});
		const loose = found.find(({ stat }) => !onlyRootWrites(stat));
		if (loose !== undefined) {
			return bad(
				`${loose.path} is writable by users other than root`,
				`chown root ${loose.path}; chmod go-w ${loose.path}`,
			);
		}
		if (found.length > 0) {
			return good(found.map(({ path }) => path).join(", "));
		}
		return bad(
			`none of the servers that the guard trusts exists: ${paths.join(", ")}`,
			"install mosh, or name your mosh-server in the configuration (servers.executables)",
		);
	},
};
