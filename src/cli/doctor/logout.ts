/** Checks whether logind ends the processes of a login when it ends, including mosh-server. */

import { endsProcessesOf } from "../../logind/configuration.js";
import { bad, type Check, good } from "./check.js";

export const logout: Check = {
	name: "logout",
	examine: async ({ context: { commands } }) => {
		if ((await commands.find("loginctl")) === undefined) {
			return good("no logind that kills processes at logout");
		}
		// systemd merges logind.conf and its drop-ins; busctl would need a running logind.
		const { stdout } = await commands.run("systemd-analyze", ["cat-config", "systemd/logind.conf"]);
		if (!endsProcessesOf(() => "anybody", [stdout])) {
			return good("sessions survive the end of the ssh login");
		}
		return bad(
			"logind kills the processes of an ssh login at logout, including the stock mosh-server (KillUserProcesses=yes)",
			"set it to no in /etc/systemd/logind.conf, or use mosh-portguard-server after `loginctl enable-linger`",
		);
	},
};
