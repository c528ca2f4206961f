/** Checks that the configuration files are valid; the ConfigError becomes the finding. */

import { readConfig } from "../../daemon/configuration.js";
import { type Check, good } from "./check.js";

export const configuration: Check = {
	name: "configuration",
	examine: async ({ context }) => {
		const { files } = readConfig(context.paths.config);
		return good(files.length === 0 ? "none; the defaults apply" : files.join(", "));
	},
};
