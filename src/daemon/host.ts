/** The host that a guard works on; tests provide their own. */

import type { Commands } from "../system/commands.js";
import type { Netlink } from "../system/netlink.js";
import type { Paths } from "./paths.js";

export interface Host {
	readonly commands: Commands;
	readonly paths: Paths;
	/** For the guard; without it, all is done by commands. Of the network namespace of this process, as theirs must be. */
	readonly netlink?: Netlink | undefined;
	/** Root, or the service's own user with the right to change the firewall. */
	readonly privileged: boolean;
	/** How long rules may be read for an answer or a status (ms); without it, as long as who asks waits. Tests allow a loaded machine more. */
	readonly readingMs?: number;
}
