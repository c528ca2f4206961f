/** The time limits that can be set for sessions whose client is silent (protocol §6.6), and for what follows them. */

import type { Environment } from "../host/locale.js";

export interface Timeouts {
	/** Silence after which a session ends by itself (ms); undefined: never. */
	readonly network: number | undefined;
	/** SIGUSR1 is ignored until the client has been silent for this long (ms); undefined: it is never ignored. */
	readonly signal: number | undefined;
	/** How long (ms) a client that was away when its session ended is waited for, to be told; 0: not at all, as the stock server. */
	readonly farewell: number;
}

/** A laptop that was opened again has found its network by then; for longer a port should not be open for nobody. */
export const FAREWELL_DEFAULT_S = 600;
const FAREWELL_VARIABLE = "MOSH_PORTGUARD_FAREWELL";

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
	return {
		network: read(VARIABLES.network),
		signal: read(VARIABLES.signal),
		farewell: readFarewell(environment, warn),
	};
}

function readFarewell(environment: Environment, warn: (sentence: string) => void): number {
	const text = environment[FAREWELL_VARIABLE] || `${FAREWELL_DEFAULT_S}`;
	if (!/^\d{1,6}$/.test(text)) {
		warn(`${FAREWELL_VARIABLE} is not a number of seconds up to 999999; ignored.`);
		return FAREWELL_DEFAULT_S * 1000;
	}
	return Number(text) * 1000;
}
