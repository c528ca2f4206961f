/** What a user wants to look back at, and how, as the environment of the login says. */

import type { Environment } from "../host/locale.js";

export interface ScrollbackOptions {
	/** Lines kept after they have left the main screen; 0: none, and no view of them. */
	readonly lines: number;
	/** PgUp opens the view while the program is on the main screen. */
	readonly pageUp: boolean;
	/** So does the wheel: the terminal is asked for mouse reports while the program wants none. */
	readonly wheel: boolean;
	/** Lines scroll off the client's terminal too, into a scrollback of its own, if it runs on the main screen (`--no-init`). */
	readonly native: boolean;
}

/** The second arrives from the client's host where ssh sends and the host accepts LC_*, as most do. */
const VARIABLES = ["MOSH_PORTGUARD_SCROLLBACK", "LC_MOSH_SCROLLBACK"] as const;

export const DEFAULT_LINES = 2_000;
/** About 100 MB of text of 80 columns. */
export const MAX_LINES = 100_000;

/**
 * The words of the option, or in the first variable that is set, separated by commas or blanks: a number of lines, `off` (0), `pgup`, `wheel`, `native`.
 * @param warn called with a sentence for each word that is ignored
 * @param option what `--scrollback=` said, if it was given
 */
export function readScrollback(
	environment: Environment,
	warn: (sentence: string) => void,
	option?: string,
): ScrollbackOptions {
	const variable = VARIABLES.find((name) => environment[name] !== undefined) ?? VARIABLES[0];
	const [source, text = ""] =
		option === undefined ? [variable, environment[variable]] : ["--scrollback", option];
	let [lines, pageUp, wheel, native] = [DEFAULT_LINES, false, false, false];
	for (const word of text.split(/[\s,]+/).filter(Boolean)) {
		if (/^\d{1,9}$/.test(word)) {
			lines = Math.min(Number(word), MAX_LINES);
		} else if (word === "off") {
			lines = 0;
		} else if (word === "pgup") {
			pageUp = true;
		} else if (word === "wheel") {
			wheel = true;
		} else if (word === "native") {
			native = true;
		} else {
			warn(
				`${source}: ${JSON.stringify(word.slice(0, 40))} is neither a number of lines nor off, pgup, wheel or native; ignored.`,
			);
		}
	}
	return { lines, pageUp, wheel, native };
}
