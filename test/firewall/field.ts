/** What every firewall must do beside rules as they are in the field, shown by real datagrams over both families. */

import assert from "node:assert/strict";
import type { Firewall, Opening } from "../../src/firewall/firewall.js";
import { type Lab, SERVER4, SERVER6 } from "../lab/hosts.js";
import { v4, v6 } from "./conformance.js";

/** Interfaces of the lab's hosts that sessions come in by. */
export const labInterfaces = async () => ({ ipv4: ["eth0"], ipv6: ["eth0"] });

/**
 * Ports open and close, port 60003 never opens, a port that the administrator denies stays shut, and nothing is left.
 * @param listing all rules of the host as their tool lists them
 */
export async function servesAndLeaves(
	lab: Lab,
	firewall: Firewall,
	openings: readonly Opening[],
	denied: number | undefined,
	listing: () => Promise<string>,
): Promise<void> {
	const pristine = await listing();
	await firewall.repair();
	await firewall.apply({ open: openings, close: [] });
	const open = (port: number) => Promise.all([SERVER4, SERVER6].map((address) => lab.isOpen(address, port)));
	for (const port of new Set(openings.map((opening) => opening.port))) {
		assert.deepEqual(await open(port), [true, true]);
	}
	assert.deepEqual(await open(60003), [false, false]);
	assert.equal((await firewall.repair()).length, openings.length);
	if (denied !== undefined) {
		await firewall.apply({ open: [v4(denied), v6(denied)], close: [] });
		assert.deepEqual(await open(denied), [false, false]);
	}
	await firewall.apply({ open: [], close: openings });
	assert.deepEqual(await open(60001), [false, false]);
	await firewall.clear();
	assert.equal(await listing(), pristine);
}
