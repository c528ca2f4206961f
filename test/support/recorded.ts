/** Listings recorded from the real firewalls; test/fixtures/firewall/README.md says how. */

import { readFile } from "node:fs/promises";

export function recorded(name: string): Promise<string> {
	return readFile(new URL(`../fixtures/firewall/${name}`, import.meta.url), "utf8");
}
