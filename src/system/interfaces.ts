/**
 * The addresses of this host's interfaces, also of those without a link: Node leaves these out (libuv asks for IFF_RUNNING), and an
 * interface that has just come up is one of them for up to a second.
 */

import { networkInterfaces } from "node:os";
import type { LocalAddress } from "./addresses.js";
import type { Commands } from "./commands.js";

export interface InterfaceAddress extends LocalAddress {
	readonly interface: string;
	/** Of the network that is reached by the interface with it (bits); undefined where there is none, or that was not asked. */
	readonly length?: number;
}

/**
 * @param wanted if these are all that matters, they are looked for before a command is run
 * @returns those with a link only, where `ip` (iproute2) is missing or fails
 */
export async function interfaceAddresses(
	commands: Pick<Commands, "run">,
	wanted?: readonly string[],
): Promise<readonly InterfaceAddress[]> {
	const linked = linkedAddresses();
	if (wanted?.every((address) => linked.some((known) => known.address === address))) {
		return linked;
	}
	try {
		return parseAddresses((await commands.run("ip", ["-oneline", "address", "show"])).stdout);
	} catch {
		return linked;
	}
}

/** Of interfaces that are up and have a link. */
export function linkedAddresses(): InterfaceAddress[] {
	return Object.entries(networkInterfaces()).flatMap(([name, found]) =>
		(found ?? []).map(({ family, address }) => ({
			interface: name,
			family: family === "IPv4" ? "ipv4" : "ipv6",
			address,
		})),
	);
}

/** Of `ip -oneline address show`: `2: eth0    inet 192.0.2.1/24 …` or `… inet 192.0.2.1 peer 192.0.2.2/32 …`. Pure. */
export function parseAddresses(listing: string): InterfaceAddress[] {
	return listing.split("\n").flatMap((line): InterfaceAddress[] => {
		const [, name, inet, address, length] =
			/^\d+: (\S+) +(inet6?) ([\da-fA-F.:]+)(?:\/(\d+))?/.exec(line) ?? [];
		return name === undefined || address === undefined
			? []
			: [
					{
						interface: name,
						family: inet === "inet" ? "ipv4" : "ipv6",
						address,
						...(length === undefined ? {} : { length: Number(length) }),
					},
				];
	});
}
