/** Determines which zones decide on a datagram to an address. Pure. */

import { isWildcard } from "../../system/addresses.js";
import type { InterfaceAddress } from "../../system/interfaces.js";
import type { Opening } from "../firewall.js";

export interface ActiveZone {
	readonly name: string;
	readonly interfaces: readonly string[];
	readonly sources: readonly string[];
	/** `default`, `ACCEPT`, `DROP` or `%%REJECT%%` */
	readonly target: string;
}

export interface ZoneMap {
	readonly active: readonly ActiveZone[];
	readonly defaultZone: string;
}

export interface Zones extends ZoneMap {
	/** Which interface has which address. */
	readonly addresses: readonly InterfaceAddress[];
}

/**
 * The zone of the interface with that address, or the default zone; and every zone that is bound to sources, since clients may
 * come from there. Not zones whose target denies: they are bound to sources in order to block them.
 */
export function zonesFor(opening: Opening, zones: Zones): string[] {
	const bySource = zones.active.filter(({ sources, target }) => sources.length > 0 && target === "default");
	return [...new Set([...interfaceZones(opening, zones), ...bySource.map(({ name }) => name)])];
}

function interfaceZones(opening: Opening, { active, defaultZone, addresses }: Zones): string[] {
	if (isWildcard(opening)) {
		const names = active.filter(({ interfaces }) => interfaces.length > 0).map(({ name }) => name);
		return [...names, defaultZone];
	}
	const device = addresses.find(({ address }) => address === opening.address);
	const zone = active.find(({ interfaces }) => device !== undefined && interfaces.includes(device.interface));
	return [zone?.name ?? defaultZone];
}
