/** What a user wants of sessions without a client, as the environment of the login says. */

import type { Environment } from "../host/locale.js";

/** The second arrives from the client's host where ssh sends and the host accepts LC_*, as most do. */
const VARIABLES = ["MOSH_PORTGUARD_ATTACH", "LC_MOSH_ATTACH"] as const;

/**
 * `ask`: a login lists the detached sessions. `auto`: a login without a command attaches to the one heard last. `never`: the
 * session has no control socket, and detached sessions are not listed.
 */
export type AttachSetting = "ask" | "auto" | "never";

/** `ask` unless set. @param warn called with a sentence for a value that is ignored */
export function readAttachSetting(environment: Environment, warn: (sentence: string) => void): AttachSetting {
	const name = VARIABLES.find((candidate) => environment[candidate]);
	const value = name === undefined ? "ask" : environment[name];
	if (value === "ask" || value === "auto" || value === "never") {
		return value;
	}
	warn(`${name} must be ask, auto or never; ignored.`);
	return "ask";
}
