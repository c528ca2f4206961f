/** Reads the filter tables of both iptables variants: over nf_tables and over the older x_tables. Their rules are separate. */

import type { Family } from "../../system/addresses.js";
import type { Commands } from "../../system/commands.js";
import { type FilterTable, parseSave } from "./save.js";

export type Variant = "nft" | "legacy";

export const VARIANTS: readonly Variant[] = ["nft", "legacy"];

const PREFIX: Record<Family, string> = { ipv4: "iptables", ipv6: "ip6tables" };

export function tool(family: Family, variant: Variant, suffix: "save" | "restore"): string {
	return `${PREFIX[family]}-${variant}-${suffix}`;
}

/** Does not load a kernel module or create a table where there is none. */
export async function readFilterTable(
	commands: Commands,
	family: Family,
	variant: Variant,
): Promise<FilterTable> {
	// Without -t the legacy command lists existing tables only; with -t it would create the table.
	const args = variant === "legacy" ? [] : ["-t", "filter"];
	const { stdout } = await commands.run(tool(family, variant, "save"), args);
	return parseSave(stdout);
}

export type Tables = Record<Family, FilterTable>;

export async function readTables(commands: Commands, variant: Variant): Promise<Tables> {
	const [ipv4, ipv6] = await Promise.all([
		readFilterTable(commands, "ipv4", variant),
		readFilterTable(commands, "ipv6", variant),
	]);
	return { ipv4, ipv6 };
}

export type TablesByVariant = Partial<Record<Variant, Tables>>;

/** Both families of each variant that is installed. */
export async function readAllTables(commands: Commands): Promise<TablesByVariant> {
	const entries = await Promise.all(
		VARIANTS.map(async (variant) => {
			const isInstalled = (await commands.find(tool("ipv4", variant, "save"))) !== undefined;
			return isInstalled ? [[variant, await readTables(commands, variant)]] : [];
		}),
	);
	return Object.fromEntries(entries.flat());
}
