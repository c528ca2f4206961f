/** logind may end all that a login leaves behind, the mosh-server included. */

import { bad, type Check, good } from "./check.js";

export const logout: Check = {
	name: "logout",
	examine: async ({ context: { commands } }) => {
		if ((await commands.find("loginctl")) === undefined) return good("no logind ends what a login leaves");
		// systemd's own reading of logind.conf and its drop-ins; busctl asks logind, which may not run.
		const { stdout } = await commands.run("systemd-analyze", ["cat-config", "systemd/logind.conf"]);
		const last = [...stdout.matchAll(/^\s*KillUserProcesses\s*=\s*(\w+)/gm)].at(-1)?.[1];
		if (!/^(yes|true|on|1)$/i.test(last ?? "no")) return good("sessions stay when ssh ends");
		return bad(
			"logind ends every mosh-server when its ssh login ends (KillUserProcesses=yes)",
			"set it to no in /etc/systemd/logind.conf, or start the server in a scope: docs/troubleshooting.md",
		);
	},
};
