/** The one step everything comes down to: wanted − actual = changes. Pure. */

import type { FirewallChange, Opening } from "../firewall/firewall.js";
import { distinct, without } from "../firewall/opening.js";

/** `wanted` and `actual` may repeat themselves; the change does not. Applying it to `actual` gives `wanted`. */
export function reconcile(wanted: readonly Opening[], actual: readonly Opening[]): FirewallChange {
	return { open: distinct(without(wanted, actual)), close: distinct(without(actual, wanted)) };
}
