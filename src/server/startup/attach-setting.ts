/** What a user wants of sessions without a client, as the environment of the login says. */

import type { Environment } from "../host/locale.js";

/** The second arrives from the client's host where ssh sends and the host accepts LC_*, as most do. */
const VARIABLES = ["MOSH_PORTGUARD_ATTACH", "LC_MOSH_ATTACH"] as const;

/**
 * `ask`: a login says which sessions are detached. `auto`: a login without a command gets the one heard last back. `never`: the
 * session cannot be asked anything, and nothing is said of others.
 */
export type AttachSetting = "ask" | "auto" | "never";

/** `ask` unless set. @param warn called with a sentence for a value that is ignored */
export function readAttachSetting(environment: Environment, warn: (sentence: string) => void): AttachSetting {
	const name = VARIABLES.find((candidate) => environment[candidate]);
	const value = name === undefined ? "ask" : environment[name];
	if (value === "ask" || value === "auto" || value === "never") {
		return value;
	}
	warn(`${name} is none of ask, auto, never; ignored.`);
	return "ask";
}
