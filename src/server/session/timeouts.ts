/** The two time limits that an administrator can set for sessions whose client is silent (protocol §6.6). */

import type { Environment } from "../host/locale.js";

export interface Timeouts {
	/** Silence after which a session ends by itself (ms); undefined: never. */
	readonly network: number | undefined;
	/** SIGUSR1 is ignored until the client has been silent for this long (ms); undefined: it is never ignored. */
	readonly signal: number | undefined;
}

const VARIABLES = { network: "MOSH_SERVER_NETWORK_TMOUT", signal: "MOSH_SERVER_SIGNAL_TMOUT" } as const;

/** @param warn called with a sentence for each value that is ignored */
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
