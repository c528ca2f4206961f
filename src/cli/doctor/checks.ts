/** The checks of `doctor`, in the order in which a session depends on them. */

import type { Check } from "./check.js";
import { clients } from "./clients.js";
import { cloudFirewall } from "./cloud-firewall.js";
import { configuration } from "./configuration.js";
import { firewall } from "./firewall.js";
import { guard } from "./guard.js";
import { host } from "./host.js";
import { locale } from "./locale.js";
import { logout } from "./logout.js";
import { rules } from "./rules.js";
import { server } from "./server.js";
import { sessions } from "./sessions.js";
import { tools } from "./tools.js";

export const CHECKS: readonly Check[] = [
	host,
	configuration,
	locale,
	server,
	tools,
	logout,
	guard,
	firewall,
	sessions,
	rules,
	clients,
	cloudFirewall,
];
