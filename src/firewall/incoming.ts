/** The interfaces of this host that new sessions come in by. */

import { type Family, wildcardOf } from "../system/addresses.js";
import type { Commands } from "../system/commands.js";
import { type Network, readNetwork, waysTo } from "./path/interfaces.js";
import type { Interfaces } from "./placement.js";

/** Not cached: addresses come and go. */
export async function incomingInterfaces(commands: Commands): Promise<Interfaces> {
	const network = await readNetwork(commands);
	return { ipv4: incomingOf("ipv4", network), ipv6: incomingOf("ipv6", network) };
}

/**
 * Those with a default route, or the only one with a global address. Of several without a default route none is known to be meant:
 * a drop of what comes in by one of them may be a guest network's. Pure.
 */
export function incomingOf(family: Family, network: Network): readonly string[] {
	const ways = waysTo({ family, address: wildcardOf(family) }, network);
	const names = [...new Set(ways.map((way) => way.interface))];
	return names.length === 1 || names.some((name) => network.defaults[family].includes(name)) ? names : [];
}
