/** Checks for a UTF-8 locale, without which mosh-server does not start. */

import { bad, type Check, good } from "./check.js";

const SHOWN = 3;

export const locale: Check = {
	name: "UTF-8 locale",
	examine: async ({ context }) => {
		const { stdout } = await context.commands.run("locale", ["-a"]);
		const utf8 = stdout.split("\n").filter((name) => /utf-?8/i.test(name));
		if (utf8.length > 0) {
			return good(utf8.slice(0, SHOWN).join(", "));
		}
		return bad("this host has none, so mosh-server refuses to start", "install one: locale-gen en_US.UTF-8");
	},
};
