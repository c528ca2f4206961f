/**
 * Cuts the flows of a closed port. Every firewall here lets established flows pass before it asks about ports, so without
 * this a client could go on sending to whichever program binds the port next.
 */

import type { Opening } from "../firewall/firewall.js";
import { isWildcard } from "../firewall/opening.js";
import type { Commands } from "../firewall/run.js";

export interface FlowCutter {
	/** Rejects when the tool is there and fails; without it there is nothing to be done. */
	cut(openings: readonly Opening[]): Promise<void>;
}

/** Exit code of `conntrack -D` that found no such flow. */
const NONE_FOUND = 1;

export class ConntrackFlowCutter implements FlowCutter {
	readonly #commands: Commands;

	constructor(commands: Commands) {
		this.#commands = commands;
	}

	async cut(openings: readonly Opening[]): Promise<void> {
		if ((await this.#commands.find("conntrack")) === undefined) return;
		for (const opening of openings) {
			const { family, address, port } = opening;
			const to = isWildcard(opening) ? [] : ["--orig-dst", address];
			const flow = ["-f", family, "-p", "udp", "--orig-port-dst", String(port), ...to];
			await this.#commands.run("conntrack", ["-D", ...flow], { answers: [NONE_FOUND] });
		}
	}
}
