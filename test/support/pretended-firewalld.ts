/** A message bus with a pretended firewalld: answers its calls as values of D-Bus, and notes them. */

import type { Bus, Call } from "../../src/firewall/firewalld/bus.js";

export interface PretendedZone {
	readonly target?: string;
	readonly ports?: readonly (readonly [string, string])[];
	readonly services?: readonly string[];
	readonly rules_str?: readonly string[];
}

/** As a{sv} is decoded. */
const variants = (values: object) =>
	Object.entries(values).map(([key, value]) => [key, [[{ type: "v", child: [] }], [value]]]);

export class PretendedFirewalld {
	readonly calls: Call[] = [];
	/** By the name of the call; those of zones and services are there already. */
	readonly answers: Record<string, unknown>;

	constructor(zone: PretendedZone = {}, answers: Readonly<Record<string, unknown>> = {}) {
		this.answers = {
			getZoneSettings2: variants(zone),
			// The one service that there is.
			getServiceSettings2: variants({ ports: [["60000-61000", "udp"]] }),
			...answers,
		};
	}

	get bus(): Bus {
		const call = async (message: Call): Promise<unknown> => {
			this.calls.push(message);
			return this.answers[message.member];
		};
		return { call } as Partial<Bus> as Bus;
	}
}
