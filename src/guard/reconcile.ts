/** The one step everything comes down to: wanted − actual = changes. Pure. */

import type { FirewallChange, Opening } from "../firewall/firewall.js";

export function openingKey({ family, address, port }: Opening): string {
	return `${family} ${address} ${port}`;
}

/** `wanted` and `actual` may repeat themselves; the change does not. Applying it to `actual` gives `wanted`. */
export function reconcile(wanted: readonly Opening[], actual: readonly Opening[]): FirewallChange {
	const want = byKey(wanted);
	const have = byKey(actual);
	return {
		open: [...want].filter(([key]) => !have.has(key)).map(([, opening]) => opening),
		close: [...have].filter(([key]) => !want.has(key)).map(([, opening]) => opening),
	};
}

/** Each opening once, by its key, and without whatever else the object carries. */
export function byKey(openings: readonly Opening[]): Map<string, Opening> {
	return new Map(
		openings.map(({ family, address, port }) => [openingKey({ family, address, port }), { family, address, port }]),
	);
}
