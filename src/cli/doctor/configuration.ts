/** The configuration's files are read; a mistake in one is what this check fails with. */

import { readConfig } from "../../daemon/configuration.js";
import { type Check, good } from "./check.js";

export const configuration: Check = {
	name: "configuration",
	examine: async ({ context }) => {
		const { files } = readConfig(context.paths.config);
		return good(files.length === 0 ? "none; the defaults apply" : files.join(", "));
	},
};
