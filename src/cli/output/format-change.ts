/** Formats what a command changed in the firewall, or would change. Pure. */

import type { FirewallChange } from "../../firewall/firewall.js";
import { endpoint } from "../../system/addresses.js";
import type { ChangeOptions } from "../options.js";
import { json } from "./format.js";

export function formatChange(
	{ open, close }: FirewallChange,
	{ dryRun = false, json: asJson = false }: ChangeOptions,
): string {
	if (asJson) {
		return json({ schema: 1, dryRun, opened: open, closed: close });
	}
	const would = dryRun ? "would be " : "";
	const lines = [
		...open.map((opening) => `${would}opened  ${endpoint(opening)}`),
		...close.map((opening) => `${would}closed  ${endpoint(opening)}`),
	];
	return lines.length === 0 ? "nothing to change\n" : `${lines.join("\n")}\n`;
}
