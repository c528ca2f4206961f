/** What the user's client shows beyond 1.4.0, as the environment of the login says. */

import { EXTENSIONS, type Extension, type Extensions } from "../../terminal/screen/extensions.js";
import type { Environment } from "../host/locale.js";

/** The second arrives from the client's host where ssh sends and the host accepts LC_*, as most do. */
const VARIABLES = ["MOSH_PORTGUARD_EXTENSIONS", "LC_MOSH_EXTENSIONS"] as const;
/** Everything but the substitute for an extension that is missing. */
const ALL = EXTENSIONS.filter((name) => name !== "faint-grey");

/**
 * The names in the first variable that is set, separated by commas or blanks; `all` stands for all that clients can show.
 * @param warn called with a sentence for each name that is ignored
 */
export function readExtensions(environment: Environment, warn: (sentence: string) => void): Extensions {
	const variable = VARIABLES.find((name) => environment[name] !== undefined);
	const found = new Set<Extension>();
	if (variable === undefined) {
		return found;
	}
	for (const word of (environment[variable] ?? "").split(/[\s,]+/).filter(Boolean)) {
		const name = EXTENSIONS.find((known) => known === word);
		if (name !== undefined) {
			found.add(name);
		} else if (word === "all") {
			for (const each of ALL) {
				found.add(each);
			}
		} else {
			warn(`${variable}: there is no extension ${JSON.stringify(word.slice(0, 40))}; ignored.`);
		}
	}
	return found;
}
