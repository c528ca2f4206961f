/** The two time limits an administrator can set for sessions whose client has gone silent (protocol §6.6). */

import type { Environment } from "../host/locale.js";

export interface Timeouts {
	/** Silence after which a session ends by itself, in milliseconds; undefined: never. */
	readonly network: number | undefined;
	/** Silence without which SIGUSR1 is ignored, in milliseconds; undefined: SIGUSR1 always counts. */
	readonly signal: number | undefined;
}

const VARIABLES = { network: "MOSH_SERVER_NETWORK_TMOUT", signal: "MOSH_SERVER_SIGNAL_TMOUT" } as const;

/** @param warn receives a sentence for each value that is not used */
export function readTimeouts(environment: Environment, warn: (sentence: string) => void): Timeouts {
	const read = (name: string): number | undefined => {
		const text = environment[name];
		if (text === undefined || text === "") {
			return undefined;
		}
		if (!/^\s*[+-]?\d+$/.test(text)) {
			warn(`${name} is not a number of seconds; ignored.`);
			return undefined;
		}
		const seconds = Number(text);
		if (seconds < 0) {
			warn(`${name} is negative; ignored.`);
		}
		return seconds > 0 ? seconds * 1000 : undefined;
	};
	return { network: read(VARIABLES.network), signal: read(VARIABLES.signal) };
}
