/** The product's word on a port of the lab's server, by the rules that are in force there. */

import type { Explanation, Firewall, Opening } from "../../src/firewall/firewall.js";
import type { Network } from "../../src/firewall/path/interfaces.js";
import { type Client, Verifier } from "../../src/firewall/verify.js";
import { type Lab, SERVER4, SERVER6 } from "./hosts.js";

/** Of the lab's server. */
export const NETWORK: Network = {
	addresses: [
		{ interface: "lo", family: "ipv4", address: "127.0.0.1" },
		{ interface: "lo", family: "ipv6", address: "::1" },
		{ interface: "eth0", family: "ipv4", address: SERVER4 },
		{ interface: "eth0", family: "ipv6", address: SERVER6 },
	],
	defaults: { ipv4: [], ipv6: [] },
};

/** Ample for a loaded machine. */
const WITHIN_MS = 60_000;

export function readVerifier(
	{ server }: Lab,
	firewall?: Pick<Firewall, "list" | "ownWords">,
	withinMs = WITHIN_MS,
): Promise<Verifier> {
	return Verifier.read(server.commands, {
		withinMs,
		firewall,
		network: NETWORK,
		net: `/proc/${server.pid}/net`,
	});
}

export async function explainIn(
	lab: Lab,
	firewall: Pick<Firewall, "list" | "ownWords"> | undefined,
	opening: Opening,
	client?: Client,
): Promise<Explanation> {
	const found = await (await readVerifier(lab, firewall)).explain(opening, client);
	if (found === undefined) {
		throw new Error(`Nobody reaches ${opening.address}.`);
	}
	return found;
}
