/** The interfaces of this host that new sessions come in by. */

import { wildcardOf } from "../system/addresses.js";
import { readNetwork, waysTo } from "./path/interfaces.js";
import type { Interfaces } from "./placement.js";

/** Those with a default route; without one, all with a global address. Not cached: addresses come and go. */
export async function incomingInterfaces(): Promise<Interfaces> {
	const network = await readNetwork();
	const names = (family: "ipv4" | "ipv6") =>
		waysTo({ family, address: wildcardOf(family) }, network).map((way) => way.interface);
	return { ipv4: names("ipv4"), ipv6: names("ipv6") };
}
